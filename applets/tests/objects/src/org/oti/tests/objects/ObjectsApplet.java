// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.objects;

import javacard.framework.CardException;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.UserException;
import javacard.framework.Util;
import org.oti.tests.support.TestApplet;

/** Classes, interfaces, arrays and exceptions. Most commands choose an object by P1. */
public final class ObjectsApplet extends TestApplet {
    private static final byte TYPES = 14;

    private final Object[] objects;
    private final byte[] trace = new byte[16];
    private byte traced;
    private Shape none;

    private ObjectsApplet() {
        objects = new Object[] {
            null, new Square((short) 5), new Cube((short) 3), new Circle((short) 2), new byte[2], new short[3],
            new boolean[4], new Object[2], new Shape[2], new Square[1], new Named[1], new Scaled[0],
            new ArithmeticException(), new UserException((short) 5), this, new Object(),
        };
    }

    public static void install(byte[] parameters, short offset, byte length) {
        new ObjectsApplet().register();
    }

    protected void answer(byte[] command, short size) throws CardException {
        byte p1 = command[ISO7816.OFFSET_P1], p2 = command[ISO7816.OFFSET_P2];
        switch (command[ISO7816.OFFSET_INS]) {
            case 0x10: // what P1 is an instance of
                for (byte type = 0; type < TYPES; type++) {
                    put(isInstance(objects[p1], type));
                }
                return;
            case 0x11: // cast P1 to P2
                cast(objects[p1], p2);
                put((byte) 1);
                return;
            case 0x12: // store P2 in the first element of the array P1
                ((Object[]) objects[p1])[0] = objects[p2];
                put(((Object[]) objects[p1])[0] == objects[p2]);
                return;
            case (byte) 0x93: // read, write and read the element with this index of the array P1
                index(objects[p1], Util.getShort(command, ISO7816.OFFSET_CDATA));
                return;
            case (byte) 0x94: // a new array P1 with so many elements
                put(made(p1, Util.getShort(command, ISO7816.OFFSET_CDATA)));
                return;
            case 0x15: // methods of a shape
                Shape shape = (Shape) objects[p1];
                putShort(shape.area());
                putShort(shape.twice());
                putShort(shape.hidden());
                putShort(shape.callOwn());
                putShort(Shape.kind());
                putShort(Square.kind());
                putShort(shape.side);
                if (shape instanceof Cube) {
                    putShort(((Cube) shape).sides());
                }
                return;
            case 0x16: // methods of interfaces
                put(((Named) objects[p1]).name());
                putShort(((Scaled) objects[p1]).scale((short) 7));
                return;
            case 0x17: // what happens when something is thrown, with all blocks that are passed
                traced = 0;
                try {
                    trace((byte) 0x01);
                    putShort(nested(p1));
                } catch (ArithmeticException thrown) {
                    trace((byte) 0x02);
                } finally {
                    put(trace, (short) 0, traced);
                }
                return;
            case 0x18: // use of null
                useNull(p1);
                return;
            case 0x19: // a return in finally, which wins
                put(last(p1));
                return;
            case 0x1A: // how many shapes there are; a new one changes that
                putShort(Shape.made);
                new Circle((short) 1);
                putShort(Shape.made);
                Shape.made--;
                return;
            case 0x1B: // arrays of arrays
                Object[] rows = {new byte[] {1, 2}, new short[] {3}, new Object[] {new byte[] {4, 5, 6}}};
                put(((byte[]) rows[0])[1]);
                putShort(((short[]) rows[1])[0]);
                put(((byte[]) ((Object[]) rows[2])[0])[2]);
                put(rows.equals(rows));
                put(rows[0].equals(rows[1]));
                return;
            case 0x1C: // frames upon frames, P1 of them, times 16
                putShort(depth((short) (p1 * 16)));
                return;
            case 0x1D: // a reason that can be changed
                UserException exception = (UserException) objects[13];
                putShort(exception.getReason());
                exception.setReason((short) 0x1234);
                putShort(exception.getReason());
                exception.setReason((short) 5);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private static boolean isInstance(Object object, byte type) {
        switch (type) {
            case 0:
                return object instanceof Object;
            case 1:
                return object instanceof Shape;
            case 2:
                return object instanceof Square;
            case 3:
                return object instanceof Cube;
            case 4:
                return object instanceof Named;
            case 5:
                return object instanceof Scaled;
            case 6:
                return object instanceof byte[];
            case 7:
                return object instanceof short[];
            case 8:
                return object instanceof boolean[];
            case 9:
                return object instanceof Object[];
            case 10:
                return object instanceof Shape[];
            case 11:
                return object instanceof Named[];
            case 12:
                return object instanceof RuntimeException;
            default:
                return object instanceof TestApplet;
        }
    }

    private static Object cast(Object object, byte type) {
        switch (type) {
            case 1:
                return (Shape) object;
            case 2:
                return (Square) object;
            case 3:
                return (Cube) object;
            case 4:
                return (Named) object;
            case 5:
                return (Scaled) object;
            case 6:
                return (byte[]) object;
            case 7:
                return (short[]) object;
            case 8:
                return (boolean[]) object;
            case 9:
                return (Object[]) object;
            case 10:
                return (Shape[]) object;
            case 11:
                return (Named[]) object;
            case 12:
                return (RuntimeException) object;
            case 13:
                return (TestApplet) object;
            default:
                return object;
        }
    }

    private void index(Object array, short index) {
        if (array instanceof byte[]) {
            byte[] bytes = (byte[]) array;
            put(bytes[index]);
            bytes[index] = 0x5A;
            put(bytes[index]);
            bytes[index] = 0;
        } else if (array instanceof short[]) {
            short[] shorts = (short[]) array;
            putShort(shorts[index]);
            shorts[index] = 0x1234;
            putShort(shorts[index]);
            shorts[index] = 0;
        } else if (array instanceof boolean[]) {
            boolean[] booleans = (boolean[]) array;
            put(booleans[index]);
            booleans[index] = !booleans[index];
            put(booleans[index]);
            booleans[index] = false;
        } else {
            Object[] references = (Object[]) array;
            put(references[index] == null);
            references[index] = null;
        }
    }

    private byte made(byte kind, short size) {
        switch (kind) {
            case 4:
                return (byte) new byte[size].length;
            case 5:
                return (byte) new short[size].length;
            case 6:
                return (byte) new boolean[size].length;
            default:
                return (byte) new Shape[size].length;
        }
    }

    private void trace(byte step) {
        trace[traced++] = step;
    }

    private short nested(byte kind) throws CardException {
        try {
            trace((byte) 0x11);
            try {
                trace((byte) 0x21);
                fail(kind);
                trace((byte) 0x22);
            } catch (ArrayIndexOutOfBoundsException thrown) {
                trace((byte) 0x23);
            } catch (NullPointerException thrown) {
                trace((byte) 0x24);
                throw thrown;
            } finally {
                trace((byte) 0x2F);
            }
            trace((byte) 0x12);
            return 0x0101;
        } catch (UserException thrown) {
            trace((byte) 0x13);
            return thrown.getReason();
        } catch (NullPointerException thrown) {
            trace((byte) 0x14);
            objects[0].equals(null);
        } catch (RuntimeException thrown) {
            trace((byte) 0x15);
            if (kind == 6) {
                throw new ArithmeticException();
            }
            throw thrown;
        } finally {
            trace((byte) 0x1F);
        }
        return 0x0202;
    }

    private void fail(byte kind) throws UserException {
        switch (kind) {
            case 1:
                trace[99] = 0;
            case 2:
                none.area();
            case 3:
                UserException.throwIt((short) 0x0333);
            case 4:
                ISOException.throwIt((short) 0x6444);
            case 5:
                traced = (byte) (traced / (kind - 5));
            case 6:
                throw new NegativeArraySizeException();
            case 7:
                throw (RuntimeException) objects[12];
            default:
        }
    }

    private void useNull(byte kind) {
        byte[] bytes = (byte[]) objects[0];
        Named named = (Named) objects[0];
        RuntimeException exception = (RuntimeException) objects[0];
        switch (kind) {
            case 0:
                none.area();
            case 1:
                named.name();
            case 2:
                none.side = 1;
            case 3:
                putShort(none.side);
            case 4:
                put(bytes[0]);
            case 5:
                bytes[0] = 1;
            case 6:
                putShort((short) bytes.length);
            case 7:
                throw exception;
            case 8:
                none.callOwn();
            case 9:
                ((Object[]) (Object) bytes)[0] = null;
            case 10:
                Util.getShort(bytes, (short) 0);
            case 11:
                put(none == null);
                put(none != null);
                put(objects[0] instanceof Object);
            default:
        }
    }

    private byte last(byte kind) {
        for (byte i = 0; i < 3; i++) {
            try {
                if (kind == 0) {
                    return 1;
                }
                if (kind == 1) {
                    none.area();
                }
                if (kind == 2 && i == 1) {
                    break;
                }
                if (kind == 3) {
                    continue;
                }
            } finally {
                if (kind < 2) {
                    return (byte) (0x80 + i);
                }
                put(i);
            }
        }
        return 0x40;
    }

    private static short depth(short left) {
        return left == 0 ? 0 : (short) (1 + depth((short) (left - 1)));
    }
}

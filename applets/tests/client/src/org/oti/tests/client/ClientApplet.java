// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.client;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.CardException;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.Util;
import org.oti.tests.shelf.Service;
import org.oti.tests.shelf.Shelf;
import org.oti.tests.shelf.Thing;
import org.oti.tests.support.TestApplet;

/** Uses what the server shares, and tries what it does not. */
public final class ClientApplet extends TestApplet implements Service {
    private final byte[] own = {0x55, 0x66};
    private final Object[] references = new Object[2];
    private Object kept;
    private short calls;
    private static Object staticKept;

    public static void install(byte[] parameters, short offset, byte length) {
        new ClientApplet().register();
    }

    private static Service service(byte[] buffer, short size, byte parameter) {
        AID aid = JCSystem.lookupAID(buffer, ISO7816.OFFSET_CDATA, (byte) size);
        return (Service) JCSystem.getAppletShareableInterfaceObject(aid, parameter);
    }

    protected void answer(byte[] command, short size) throws CardException {
        byte p1 = command[ISO7816.OFFSET_P1], p2 = command[ISO7816.OFFSET_P2];
        switch (command[ISO7816.OFFSET_INS]) {
            case (byte) 0xA0: // what the server gives for P1
                put(service(command, size, p1) == null);
                return;
            case (byte) 0xA1: // calls by its interface
                call(service(command, size, (byte) 1), command, p1, p2);
                return;
            case 0x10: // uses of the server's objects by what the instructions do with them
                use(command, p1);
                return;
            case 0x11: // the API's methods with the server's arrays
                pass(command, p1);
                return;
            case 0x12: // references to what belongs to the runtime environment for a while
                keep(command, p1);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void call(Service service, byte[] buffer, byte kind, byte argument) throws CardException {
        switch (kind) {
            case 0:
                putShort(service.add(argument, (short) 0x100));
                return;
            case 1:
                byte length = service.client(buffer, (short) 40);
                put(buffer, (short) 40, length);
                return;
            case 2: // an array of its own, the buffer
                put(service.first(argument == 0 ? own : buffer));
                return;
            case 3:
                service.fill(buffer, (short) 40, argument);
                put(buffer[40]);
                return;
            case 4:
                putShort(service.fail(argument));
                return;
            case 5:
                putShort(service.transientMemory(argument));
                return;
            case 6:
                put(service.another() == service);
                put(service.another() instanceof Service);
                put(service.secret() == null);
                return;
            case 7:
                putShort(service.back(this, argument));
                putShort(calls);
                return;
            case 8: // a transaction over contexts
                JCSystem.beginTransaction();
                calls = 0x0500;
                putShort(service.transaction((byte) 3));
                put(JCSystem.getTransactionDepth());
                putShort(service.transaction(argument));
                put(JCSystem.getTransactionDepth());
                if (JCSystem.getTransactionDepth() != 0) {
                    JCSystem.abortTransaction();
                }
                putShort(calls);
                return;
            case 9:
                put(service.environment());
                return;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_P1P2);
        }
    }

    private void use(byte[] command, byte kind) {
        switch (kind) {
            case 0:
                put(Shelf.bytes[0]);
                return;
            case 1:
                Shelf.bytes[0] = 9;
                return;
            case 2:
                put((byte) Shelf.bytes.length);
                return;
            case 3:
                putShort(Shelf.shorts[0]);
                return;
            case 4:
                put(Shelf.references[0] == null);
                return;
            case 5:
                Shelf.references[1] = null;
                return;
            case 6:
                putShort(Shelf.thing.number);
                return;
            case 7:
                Shelf.thing.number = 1;
                return;
            case 8:
                put(Shelf.thing.reference == null);
                return;
            case 9:
                putShort(Shelf.thing.method());
                return;
            case 10:
                put((Object) Shelf.shared instanceof Service);
                return;
            case 11:
                put((Object) Shelf.thing instanceof Thing);
                return;
            case 12:
                kept = (Service) (Object) Shelf.shared;
                put(kept != null);
                return;
            case 13:
                kept = (Thing) (Object) Shelf.thing;
                return;
            case 14:
                kept = (byte[]) (Object) Shelf.bytes;
                return;
            case 15:
                throw Shelf.exception;
            case 16: // static fields and methods belong to no one
                putShort(Shelf.number);
                Shelf.number++;
                putShort(Shelf.count());
                return;
            case 17: // references may be kept and compared
                kept = Shelf.bytes;
                put(kept == Shelf.bytes);
                put(kept == null);
                references[0] = Shelf.bytes;
                put(references[0] == kept);
                return;
            case 18:
                putShort(Shelf.shared.add((short) 0, (short) 0));
                return;
            case 19: // an object of this package for a static field of another
                Service before = Shelf.shared;
                Shelf.shared = this;
                put(Shelf.shared == this);
                Shelf.shared = before;
                return;
            case 20:
                put(Shelf.bytes.equals(null));
                return;
            case 21:
                put(((Object) Shelf.bytes) instanceof byte[]);
                return;
            case 22:
                put(Shelf.thing.small);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_P1P2);
        }
    }

    private void pass(byte[] command, byte kind) {
        switch (kind) {
            case 0:
                Util.arrayCopy(Shelf.bytes, (short) 0, own, (short) 0, (short) 1);
                return;
            case 1:
                Util.arrayCopy(own, (short) 0, Shelf.bytes, (short) 0, (short) 1);
                return;
            case 2:
                Util.arrayCopyNonAtomic(Shelf.bytes, (short) 0, own, (short) 0, (short) 1);
                return;
            case 3:
                put(Util.arrayCompare(Shelf.bytes, (short) 0, own, (short) 0, (short) 1));
                return;
            case 4:
                Util.arrayFillNonAtomic(Shelf.bytes, (short) 0, (short) 1, (byte) 0);
                return;
            case 5:
                putShort(Util.getShort(Shelf.bytes, (short) 0));
                return;
            case 6:
                Util.setShort(Shelf.bytes, (short) 0, (short) 0);
                return;
            case 7:
                put(JCSystem.isTransient(Shelf.bytes));
                return;
            case 8:
                JCSystem.getAID().getBytes(Shelf.bytes, (short) 0);
                return;
            case 9:
                APDU.getCurrentAPDU().setOutgoing();
                APDU.getCurrentAPDU().setOutgoingLength((short) 1);
                APDU.getCurrentAPDU().sendBytesLong(Shelf.bytes, (short) 0, (short) 1);
                return;
            case 10:
                new AID(Shelf.bytes, (short) 0, (byte) 5);
                return;
            case 11:
                JCSystem.lookupAID(Shelf.bytes, (short) 0, (byte) 3);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_P1P2);
        }
    }

    private void keep(byte[] command, byte kind) {
        switch (kind) {
            case 0:
                kept = command;
                return;
            case 1:
                staticKept = command;
                return;
            case 2:
                references[0] = command;
                return;
            case 3:
                kept = APDU.getCurrentAPDU();
                return;
            case 4:
                staticKept = APDU.getCurrentAPDU();
                return;
            case 5: // AIDs stay
                kept = JCSystem.getAID();
                references[1] = kept;
                put(references[1] == JCSystem.getAID());
                return;
            case 6: // an exception that the runtime environment owns
                try {
                    ISOException.throwIt((short) 1);
                } catch (ISOException thrown) {
                    kept = thrown;
                }
                return;
            case 7:
                try {
                    own[2] = 0;
                } catch (ArrayIndexOutOfBoundsException thrown) {
                    put((byte) 7);
                    staticKept = thrown;
                }
                return;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_P1P2);
        }
    }

    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        return this;
    }

    // What the server calls -----------------------------------------------------------------------------------
    public short add(short a, short b) {
        calls++;
        return (short) (a + b);
    }

    public byte client(byte[] buffer, short offset) {
        return 0;
    }

    public byte first(byte[] array) {
        return 0;
    }

    public void fill(byte[] buffer, short offset, byte value) {
    }

    public Object secret() {
        return null;
    }

    public short fail(byte kind) {
        return 0;
    }

    public short transientMemory(byte kind) {
        return 0;
    }

    public Service another() {
        return this;
    }

    public short back(Service client, short value) {
        return 0;
    }

    public short transaction(byte kind) {
        return 0;
    }

    public byte environment() {
        return 0;
    }
}

// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.server;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.UserException;
import javacard.framework.Util;
import org.oti.tests.shelf.Service;
import org.oti.tests.shelf.Shelf;
import org.oti.tests.shelf.Thing;

/** Leaves objects of all kinds on the shelf, and shares itself. */
public final class ServerApplet extends Applet implements Service {
    private final byte[] onReset = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_RESET);
    private final byte[] onDeselect = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_DESELECT);
    private short value;

    public static void install(byte[] parameters, short offset, byte length) {
        ServerApplet applet = new ServerApplet();
        Shelf.bytes = new byte[] {1, 2, 3};
        Shelf.shorts = new short[] {4, 5};
        Shelf.references = new Object[] {Shelf.bytes, null};
        Shelf.exception = new ArithmeticException();
        Shelf.thing = new Thing();
        Shelf.shared = applet;
        applet.register();
    }

    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        if (parameter == 9) {
            ISOException.throwIt((short) 0x6A09);
        }
        return parameter == 1 && client != null ? this : null;
    }

    public short add(short a, short b) {
        value += a;
        return (short) (value + b);
    }

    public byte client(byte[] buffer, short offset) {
        AID client = JCSystem.getPreviousContextAID();
        return client == null ? (byte) 0 : client.getBytes(buffer, offset);
    }

    public byte first(byte[] array) {
        return array[0];
    }

    public void fill(byte[] buffer, short offset, byte value) {
        buffer[offset] = value;
    }

    public Object secret() {
        return Shelf.bytes;
    }

    public short fail(byte kind) throws UserException {
        switch (kind) {
            case 0:
                ISOException.throwIt((short) 0x6A10);
            case 1:
                UserException.throwIt((short) 0x0011);
            case 2:
                return (short) (1 / (short) (kind - 2));
            case 3:
                return Shelf.bytes[3];
            case 4: // an object of the server's, which is none of the runtime environment's
                throw Shelf.exception;
            case 5:
                throw new UserException((short) 0x0055);
            default:
                return kind;
        }
    }

    public short transientMemory(byte kind) {
        switch (kind) {
            case 0:
                return ++onReset[0];
            case 1:
                return ++onDeselect[0];
            case 2:
                return (short) JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_RESET).length;
            default:
                return (short) JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT).length;
        }
    }

    public Service another() {
        return Shelf.shared;
    }

    public short back(Service client, short value) {
        return (short) (client.add(value, (short) 1) + 0x100);
    }

    public short transaction(byte kind) {
        if (kind == 0) {
            JCSystem.beginTransaction();
        } else if (kind == 1) {
            JCSystem.commitTransaction();
        } else if (kind == 2) {
            JCSystem.abortTransaction();
        } else {
            value += 0x1000;
        }
        return value;
    }

    public byte environment() {
        return (byte) ((JCSystem.getAID().equals(JCSystem.getPreviousContextAID()) ? 1 : 0) + (selectingApplet() ? 2 : 0)
                + (JCSystem.isAppletActive(JCSystem.getAID()) ? 4 : 0) + (APDU.getCurrentAPDU() == null ? 8 : 0));
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, value);
        Util.setShort(buffer, (short) 2, Shelf.thing.number);
        Util.setShort(buffer, (short) 4, Shelf.number);
        buffer[6] = onReset[0];
        buffer[7] = onDeselect[0];
        apdu.setOutgoingAndSend((short) 0, (short) 8);
    }
}

// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.system;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.AppletEvent;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.SystemException;
import javacard.framework.Util;
import org.oti.tests.support.TestApplet;
import org.oti.tests.support.Thrown;

/** Installation, AIDs, and what an applet may ask of the runtime environment. */
public final class SystemApplet extends TestApplet implements AppletEvent {
    private static short installed;
    private static byte uninstalled;
    private static Object left;

    private final byte[] parameters;
    private final byte[] notes = new byte[8];
    private byte selections;
    private byte refusal;

    private SystemApplet(byte[] parameters, short offset, byte length) {
        this.parameters = new byte[length];
        Util.arrayCopy(parameters, offset, this.parameters, (short) 0, length);
    }

    /** What it does is the first byte of the applet's data. */
    public static void install(byte[] parameters, short offset, byte length) {
        installed++;
        SystemApplet applet = new SystemApplet(parameters, offset, length);
        short data = (short) (offset + 1 + parameters[offset]);
        data += (short) (1 + parameters[data]);
        byte mode = parameters[data] == 0 ? 0 : parameters[(short) (data + 1)];
        switch (mode) {
            case 0:
                applet.register();
                break;
            case 1:
                applet.register(parameters, (short) (offset + 1), parameters[offset]);
                break;
            case 2: // twice
                applet.register();
                applet.note((byte) 0, applet, parameters, offset, parameters[offset]);
                break;
            case 3: // not at all
                break;
            case 4:
                ISOException.throwIt((short) 0x6A84);
                break;
            case 5: // registered, and then it fails
                applet.register();
                left = new byte[10];
                short zero = 0;
                applet.notes[0] = (byte) (1 / zero);
                break;
            case 6: // with AIDs that are none
                applet.note((byte) 0, applet, parameters, (short) (offset + 1), (byte) 4);
                applet.note((byte) 3, applet, parameters, (short) (offset + 1), (byte) 17);
                applet.register();
                break;
            case 7: // in a transaction that is left open
                JCSystem.beginTransaction();
                applet.register();
                break;
            default:
                SystemException.throwIt((short) 0x77);
        }
    }

    private void note(byte at, SystemApplet applet, byte[] aid, short offset, byte length) {
        try {
            applet.register(aid, offset, length);
        } catch (RuntimeException thrown) {
            notes[at] = Thrown.number(thrown);
            Util.setShort(notes, (short) (at + 1), Thrown.reason(thrown));
        }
    }

    public void uninstall() {
        uninstalled++;
        if (refusal == 2) {
            ISOException.throwIt((short) 0x6A80);
        }
    }

    public boolean select() {
        selections++;
        byte once = refusal;
        refusal = 0;
        if (once == 3) {
            ISOException.throwIt((short) 0x6A81);
        }
        if (once == 4) {
            JCSystem.beginTransaction();
            uninstalled = 99;
        }
        return once != 1;
    }

    public void deselect() {
        selections += 16;
        if (refusal == 5) {
            ISOException.throwIt((short) 0x6A82);
        }
    }

    protected void answer(byte[] command, short size) {
        short data = ISO7816.OFFSET_CDATA;
        switch (command[ISO7816.OFFSET_INS]) {
            case 0x10: // parameters of the installation, and notes of it
                put(parameters, (short) 0, (short) parameters.length);
                put(notes, (short) 0, (short) 6);
                return;
            case 0x11: // how often: install, uninstall, select and deselect
                putShort(installed);
                put(uninstalled);
                put(selections);
                put(left == null);
                return;
            case 0x12: // the next time, P1: 1 no selection, 2 no removal, 3 a selection that throws …
                refusal = command[ISO7816.OFFSET_P1];
                return;
            case 0x13: // its own AID
                AID own = JCSystem.getAID();
                byte length = own.getBytes(command, (short) 10);
                put(command, (short) 10, length);
                put(own == JCSystem.getAID());
                put(JCSystem.getPreviousContextAID() == null);
                put(JCSystem.isAppletActive(own));
                put(JCSystem.getAssignedChannel());
                put(JCSystem.lookupAID(command, (short) 10, length) == own);
                return;
            case (byte) 0x94: // AIDs and these bytes
                AID aid = JCSystem.getAID();
                put(aid.equals(command, data, (byte) size));
                put(aid.RIDEquals(aid));
                put(aid.equals((Object) aid));
                put(aid.equals(null));
                put(aid.partialEquals(command, data, (byte) size));
                put(JCSystem.lookupAID(command, data, (byte) size) == null);
                AID other = new AID(command, data, (byte) size);
                put(aid.equals((Object) other));
                put(aid.RIDEquals(other));
                put(other.getBytes(command, (short) 40));
                put(command, (short) 40, size);
                return;
            case (byte) 0x95: // parts of its AID: P1 is the offset, P2 the length
                put(JCSystem.getAID().getPartialBytes(command[ISO7816.OFFSET_P1], command, (short) 40,
                        command[ISO7816.OFFSET_P2]));
                put(command, (short) 40, (short) 8);
                return;
            case 0x16: // wrong uses
                wrong(command, command[ISO7816.OFFSET_P1]);
                put((byte) 0);
                return;
            case 0x17: // AIDs of this applet's are objects of the runtime environment (JCRE, 6.2.1)
                put(JCSystem.isTransient(JCSystem.getAID()));
                left = JCSystem.getAID();
                put(left == JCSystem.getAID());
                left = null;
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void wrong(byte[] command, byte kind) {
        AID aid = JCSystem.getAID();
        switch (kind) {
            case 0:
                new AID(command, (short) 0, (byte) 4);
            case 1:
                new AID(command, (short) 0, (byte) 17);
            case 2:
                new AID(null, (short) 0, (byte) 5);
            case 3:
                new AID(parameters, (short) parameters.length, (byte) 5);
            case 4:
                aid.getBytes(null, (short) 0);
            case 5:
                aid.getBytes(notes, (short) 7);
            case 6:
                aid.getPartialBytes((short) 3, notes, (short) 0, (byte) 10);
            case 7:
                aid.equals(notes, (short) 6, (byte) 10);
            case 8:
                aid.RIDEquals(null);
                put(aid.RIDEquals(null));
                put(aid.equals(null, (short) 0, (byte) 5));
                put(aid.partialEquals(null, (short) 0, (byte) 5));
                return;
            case 9:
                register();
            case 10:
                register(command, (short) 0, (byte) 6);
            case 11:
                JCSystem.lookupAID(null, (short) 0, (byte) 5);
            case 12:
                put(JCSystem.getAppletShareableInterfaceObject(aid, (byte) 0) == null);
                return;
            case 13:
                JCSystem.getAppletShareableInterfaceObject(null, (byte) 0);
            case 14:
                JCSystem.isAppletActive(null);
            case 15:
                put(JCSystem.getAvailableMemory((byte) 3) == 0);
                return;
            default:
                SystemException.throwIt((short) 0x1234);
        }
    }
}

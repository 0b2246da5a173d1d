// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.multi;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.MultiSelectable;

/** May be selected on several channels at once, and tells how it was selected and deselected. */
public final class MultiApplet extends Applet implements MultiSelectable {
    /** How often: select(), deselect(), and the four with a flag that was false or true. */
    private static final byte SELECT = 0, DESELECT = 1, SELECT_MULTI = 2, DESELECT_MULTI = 4;
    private static final byte COUNTS = 6;

    private final byte[] counts = new byte[COUNTS];
    private final byte[] transientByte = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
    private boolean refuse;

    public static void install(byte[] parameters, short offset, byte length) {
        new MultiApplet().register(parameters, (short) (offset + 1), parameters[offset]);
    }

    public boolean select() {
        counts[SELECT]++;
        return !refuse;
    }

    public void deselect() {
        counts[DESELECT]++;
    }

    public boolean select(boolean alreadyActive) {
        counts[(byte) (SELECT_MULTI + (alreadyActive ? 1 : 0))]++;
        return !refuse;
    }

    public void deselect(boolean stillActive) {
        counts[(byte) (DESELECT_MULTI + (stillActive ? 1 : 0))]++;
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x10: // the counts; the channel of the command, and the one it was assigned; how often since deselect
                for (byte i = 0; i < COUNTS; i++) {
                    buffer[i] = counts[i];
                }
                buffer[COUNTS] = APDU.getCLAChannel();
                buffer[(short) (COUNTS + 1)] = JCSystem.getAssignedChannel();
                buffer[(short) (COUNTS + 2)] = ++transientByte[0];
                apdu.setOutgoingAndSend((short) 0, (short) (COUNTS + 3));
                return;
            case 0x20: // with P1 = 1, it is not to be selected from now on
                refuse = buffer[ISO7816.OFFSET_P1] == 1;
                return;
            case 0x30: // forget the counts
                for (byte i = 0; i < COUNTS; i++) {
                    counts[i] = 0;
                }
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }
}

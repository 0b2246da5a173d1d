// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.support;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.CardException;
import javacard.framework.CardRuntimeException;
import javacard.framework.ISO7816;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * What the applets have in common: a command is answered with what was put, or, when something was thrown, with that and
 * EE, the number of Thrown and the reason. With a CLA from A0 on it is thrown out of process. Commands with an INS
 * from 80 on have data.
 */
public abstract class TestApplet extends Applet {
    private final byte[] put = JCSystem.makeTransientByteArray((short) 128, JCSystem.CLEAR_ON_RESET);
    private final short[] length = JCSystem.makeTransientShortArray((short) 1, JCSystem.CLEAR_ON_RESET);

    /** To a command that is in this buffer; of its data there is so much. */
    protected abstract void answer(byte[] command, short size) throws CardException;

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        length[0] = 0;
        boolean caught = (buffer[ISO7816.OFFSET_CLA] & 0x20) == 0;
        short size = buffer[ISO7816.OFFSET_INS] < 0 ? apdu.setIncomingAndReceive() : (short) 0;
        try {
            answer(buffer, size);
        } catch (CardException thrown) {
            if (!caught) {
                CardRuntimeException.throwIt(thrown.getReason());
            }
            put(thrown);
        } catch (RuntimeException thrown) {
            if (!caught) {
                throw thrown;
            }
            put(thrown);
        }
        Util.arrayCopyNonAtomic(put, (short) 0, buffer, (short) 0, length[0]);
        apdu.setOutgoingAndSend((short) 0, length[0]);
    }

    protected final void put(Throwable thrown) {
        put((byte) 0xEE);
        put(Thrown.number(thrown));
        putShort(Thrown.reason(thrown));
    }

    protected final void put(byte value) {
        put[length[0]++] = value;
    }

    protected final void put(boolean value) {
        put(value ? (byte) 1 : (byte) 0);
    }

    protected final void putShort(short value) {
        put((byte) (value >> 8));
        put((byte) value);
    }

    protected final void put(byte[] bytes, short offset, short size) {
        for (short i = 0; i < size; i++) {
            put(bytes[(short) (offset + i)]);
        }
    }
}

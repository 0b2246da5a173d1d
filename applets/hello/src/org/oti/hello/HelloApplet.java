// SPDX-License-Identifier: Apache-2.0
package org.oti.hello;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * The smallest applet worth installing: a persistent counter and a greeting.
 * It shows that an applet was loaded, keeps its state and can be removed.
 */
public final class HelloApplet extends Applet {
    private static final byte CLA_HELLO = (byte) 0x80;
    private static final byte INS_INCREMENT = (byte) 0x10;
    private static final byte INS_READ = (byte) 0x20;
    private static final byte INS_GREETING = (byte) 0x30;

    // "Hello from OTI"; Java Card 2.2.2 has no String, so the text is its bytes.
    private static final byte[] GREETING = {
        'H', 'e', 'l', 'l', 'o', ' ', 'f', 'r', 'o', 'm', ' ', 'O', 'T', 'I'
    };

    private short counter;

    private HelloApplet() {
        counter = 0;
    }

    public static void install(byte[] bArray, short bOffset, byte bLength) {
        HelloApplet applet = new HelloApplet();
        // The installer may name an instance AID; without one the module AID is used.
        if (bLength > 0 && bArray[bOffset] != 0) {
            applet.register(bArray, (short) (bOffset + 1), bArray[bOffset]);
        } else {
            applet.register();
        }
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buf = apdu.getBuffer();
        // The two low bits of CLA carry the logical channel.
        if ((byte) (buf[ISO7816.OFFSET_CLA] & (byte) 0xFC) != CLA_HELLO) {
            ISOException.throwIt(ISO7816.SW_CLA_NOT_SUPPORTED);
        }
        switch (buf[ISO7816.OFFSET_INS]) {
            case INS_INCREMENT:
                // A transaction is not needed: the write of one field is atomic.
                counter++;
                sendCounter(apdu, buf);
                return;
            case INS_READ:
                sendCounter(apdu, buf);
                return;
            case INS_GREETING:
                Util.arrayCopyNonAtomic(GREETING, (short) 0, buf, (short) 0,
                        (short) GREETING.length);
                apdu.setOutgoingAndSend((short) 0, (short) GREETING.length);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void sendCounter(APDU apdu, byte[] buf) {
        Util.setShort(buf, (short) 0, counter);
        apdu.setOutgoingAndSend((short) 0, (short) 2);
    }
}

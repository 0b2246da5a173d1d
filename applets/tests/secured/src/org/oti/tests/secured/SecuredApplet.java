// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.secured;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import org.globalplatform.Application;
import org.globalplatform.GPSystem;
import org.globalplatform.SecureChannel;

/** Takes data from its security domain, and talks through the domain's secure channel. */
public final class SecuredApplet extends Applet implements Application {
    private final byte[] stored = new byte[64];
    private short storedLength;

    public static void install(byte[] parameters, short offset, byte length) {
        new SecuredApplet().register(parameters, (short) (offset + 1), parameters[offset]);
    }

    /** STORE DATA, header first. */
    public void processData(byte[] buffer, short offset, short size) {
        if (buffer[(short) (offset + ISO7816.OFFSET_P2)] == (byte) 0x7F) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        storedLength = (short) (buffer[(short) (offset + ISO7816.OFFSET_LC)] & 0xFF);
        Util.arrayCopy(buffer, (short) (offset + ISO7816.OFFSET_CDATA), stored, (short) 0, storedLength);
    }

    public void deselect() {
        GPSystem.getSecureChannel().resetSecurity();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        SecureChannel channel = GPSystem.getSecureChannel();
        byte ins = buffer[ISO7816.OFFSET_INS];
        if (ins == (byte) 0x50 || ins == (byte) 0x82) {
            short size = channel.processSecurity(apdu);
            if (size > 0) {
                apdu.setOutgoingAndSend(ISO7816.OFFSET_CDATA, size);
            }
            return;
        }
        short received = apdu.setIncomingAndReceive();
        if (ins == 0x10) { // what was stored, in the clear
            Util.arrayCopyNonAtomic(stored, (short) 0, buffer, (short) 0, storedLength);
            apdu.setOutgoingAndSend((short) 0, storedLength);
            return;
        }
        if ((channel.getSecurityLevel() & SecureChannel.C_MAC) == 0) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        short size = channel.unwrap(buffer, (short) 0, (short) (ISO7816.OFFSET_CDATA + received));
        short out = 0;
        switch (ins) {
            case 0x20: // the plain data
                out = (short) (size - ISO7816.OFFSET_CDATA);
                Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, buffer, (short) 0, out);
                break;
            case 0x30: // its life cycle state in the registry becomes P1
                if (!GPSystem.setCardContentState(buffer[ISO7816.OFFSET_P1])) {
                    ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
                }
                break;
            case 0x40: // sensitive data, decrypted in place
                out = channel.decryptData(buffer, ISO7816.OFFSET_CDATA, (short) 16);
                Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, buffer, (short) 0, out);
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
        if ((channel.getSecurityLevel() & SecureChannel.R_MAC) != 0) {
            Util.setShort(buffer, out, ISO7816.SW_NO_ERROR);
            out = channel.wrap(buffer, (short) 0, (short) (out + 2));
        }
        apdu.setOutgoingAndSend((short) 0, out);
    }
}

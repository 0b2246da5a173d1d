// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.user;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Shareable;
import javacard.framework.Util;
import org.oti.tests.library.Counter;
import org.oti.tests.library.Tally;

/** Uses what the library exports. */
public final class UserApplet extends Applet {
    private final Counter plain = new Counter((short) 0);
    private final TenCounter ten = new TenCounter();

    public static void install(byte[] parameters, short offset, byte length) {
        new UserApplet().register(parameters, (short) (offset + 1), parameters[offset]);
    }

    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        return parameter == 1 ? ten : null;
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short length = 0;
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x10: // a static method and a static field of the library
                length = apdu.setIncomingAndReceive();
                Util.setShort(buffer, (short) 0, Counter.sum(buffer, ISO7816.OFFSET_CDATA, length));
                Util.setShort(buffer, (short) 2, Counter.calls());
                length = 4;
                break;
            case 0x20: // its virtual methods, one of them overridden here
                Util.setShort(buffer, (short) 0, plain.next());
                Util.setShort(buffer, (short) 2, ten.next());
                length = 4;
                break;
            case 0x30: // the interface that the applet with this AID shares; adds P1 P2
                length = apdu.setIncomingAndReceive();
                short amount = Util.getShort(buffer, ISO7816.OFFSET_P1);
                AID server = JCSystem.lookupAID(buffer, ISO7816.OFFSET_CDATA, (byte) length);
                if (server == null) {
                    ISOException.throwIt(ISO7816.SW_FILE_NOT_FOUND);
                }
                Tally tally = (Tally) JCSystem.getAppletShareableInterfaceObject(server, (byte) 1);
                if (tally == null) {
                    ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
                }
                Util.setShort(buffer, (short) 0, tally.add(amount));
                length = 2;
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
        apdu.setOutgoingAndSend((short) 0, length);
    }
}

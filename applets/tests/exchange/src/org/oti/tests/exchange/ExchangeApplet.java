// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.exchange;

import javacard.framework.APDU;
import javacard.framework.APDUException;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * APDU. INS D0 stores a program, of steps that are in the comments; with INS 10 it is run, with INS 20 its log read: one
 * byte for each result, two for a short one, and EE with the reason for an APDUException, after which it goes on.
 */
public final class ExchangeApplet extends Applet {
    private static final short MAX = 200;

    private final byte[] program = new byte[MAX];
    private final byte[] log = new byte[MAX];
    private final byte[] data = new byte[300];
    private short size;
    private short logged;
    private Object kept;

    public static void install(byte[] parameters, short offset, byte length) {
        ExchangeApplet applet = new ExchangeApplet();
        for (short i = 0; i < 300; i++) {
            applet.data[i] = (byte) i;
        }
        applet.register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case (byte) 0xD0:
                size = apdu.setIncomingAndReceive();
                Util.arrayCopy(buffer, ISO7816.OFFSET_CDATA, program, (short) 0, size);
                return;
            case 0x10:
                logged = 0;
                for (short at = 0; at < size; at++) {
                    try {
                        at = step(apdu, buffer, at);
                    } catch (APDUException thrown) {
                        log((byte) 0xEE);
                        logShort(thrown.getReason());
                        at += arguments(program[at]);
                    } catch (SecurityException thrown) {
                        log((byte) 0xE7);
                    }
                }
                return;
            case 0x20:
                apdu.setOutgoing();
                apdu.setOutgoingLength(logged);
                apdu.sendBytesLong(log, (short) 0, logged);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private static short arguments(byte step) {
        switch (step) {
            case 0x02:
            case 0x04:
                return 2;
            case 0x05:
            case 0x06:
            case 0x07:
                return 4;
            default:
                return 0;
        }
    }

    private short step(APDU apdu, byte[] buffer, short at) {
        byte step = program[at];
        short a = 0, b = 0;
        if (arguments(step) > 0) {
            a = Util.getShort(program, (short) (at + 1));
            b = Util.getShort(program, (short) (at + 3));
        }
        switch (step) {
            case 0x01:
                logShort(apdu.setIncomingAndReceive());
                break;
            case 0x02: // to offset a
                logShort(apdu.receiveBytes(a));
                break;
            case 0x03: // whether Le is what P1 P2 say
                log(apdu.setOutgoing() == Util.getShort(buffer, ISO7816.OFFSET_P1) ? (byte) 1 : (byte) 0);
                break;
            case 0x04:
                apdu.setOutgoingLength(a);
                break;
            case 0x05: // b bytes from a on of the buffer
                apdu.sendBytes(a, b);
                break;
            case 0x06: // the same of an array
                apdu.sendBytesLong(data, a, b);
                break;
            case 0x07:
                apdu.setOutgoingAndSend(a, b);
                break;
            case 0x08:
                log(apdu.setOutgoingNoChaining() == Util.getShort(buffer, ISO7816.OFFSET_P1) ? (byte) 1 : (byte) 0);
                break;
            case 0x09:
                log(apdu.getCurrentState());
                break;
            case 0x0A:
                log(apdu.getNAD());
                log(APDU.getCLAChannel());
                log(apdu.isCommandChainingCLA() ? (byte) 1 : (byte) 0);
                log(apdu.isSecureMessagingCLA() ? (byte) 1 : (byte) 0);
                log(apdu.isISOInterindustryCLA() ? (byte) 1 : (byte) 0);
                break;
            case 0x0B: // one exchange, one buffer
                log(APDU.getCurrentAPDU() == apdu ? (byte) 1 : (byte) 0);
                log(APDU.getCurrentAPDUBuffer() == buffer ? (byte) 1 : (byte) 0);
                log(apdu.getBuffer() == buffer ? (byte) 1 : (byte) 0);
                log(buffer.length >= 133 ? (byte) 1 : (byte) 0);
                break;
            case 0x0C:
                ISOException.throwIt((short) 0x6C12);
                break;
            case 0x0D: // the header, and three bytes of data
                for (short i = 0; i < 8; i++) {
                    log(buffer[i]);
                }
                break;
            case 0x0E: // buffer and APDU are not to be kept (JCRE, 6.2.1 and 6.2.2)
                kept = buffer;
                break;
            case 0x0F:
                kept = apdu;
                break;
            case 0x11: // something in the buffer to be sent
                Util.arrayCopyNonAtomic(data, (short) 0, buffer, (short) 0, (short) 100);
                break;
            case 0x12:
                APDU.waitExtension();
                break;
            case 0x13: // all of the data, in as many parts as it comes; what is logged is the sum of all bytes
                short sum = 0;
                short left = (short) (buffer[ISO7816.OFFSET_LC] & 0xFF);
                short got = apdu.setIncomingAndReceive();
                while (got > 0) {
                    for (short i = 0; i < got; i++) {
                        sum += buffer[(short) (ISO7816.OFFSET_CDATA + i)];
                    }
                    left -= got;
                    if (left <= 0) {
                        break;
                    }
                    got = apdu.receiveBytes(ISO7816.OFFSET_CDATA);
                }
                logShort(sum);
                logShort(left);
                break;
            case 0x14: // sizes of blocks: those of T=1 are below 255
                log(APDU.getInBlockSize() > 0 ? (byte) 1 : (byte) 0);
                log(APDU.getOutBlockSize() > 0 ? (byte) 1 : (byte) 0);
                log((byte) (APDU.getProtocol() & 0x0F));
                break;
            case 0x15:
                log(JCSystem.isTransient(buffer));
                break;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        return (short) (at + arguments(step));
    }

    private void log(byte value) {
        log[logged++] = value;
    }

    private void logShort(short value) {
        log((byte) (value >> 8));
        log((byte) value);
    }
}

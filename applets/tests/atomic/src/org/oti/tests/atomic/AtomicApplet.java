// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.atomic;

import javacard.framework.CardException;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.TransactionException;
import javacard.framework.UserException;
import javacard.framework.Util;
import org.oti.tests.support.TestApplet;

/** Transactions and PINs. The data of a command is a program, of steps that are in the comments. */
public final class AtomicApplet extends TestApplet {
    private static short shared;

    private final byte[] array = new byte[4];
    private final byte[] transientArray = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_RESET);
    private final byte[] pins = {1, 2, 3, 4, 5, 6, 7, 8};
    private final OwnerPIN pin = new OwnerPIN((byte) 3, (byte) 6);
    private short field;
    private byte[] made;

    public static void install(byte[] parameters, short offset, byte length) {
        new AtomicApplet().register();
    }

    protected void answer(byte[] command, short size) throws CardException {
        if (command[ISO7816.OFFSET_INS] != (byte) 0xA0) {
            ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
        short end = (short) (ISO7816.OFFSET_CDATA + size);
        for (short at = ISO7816.OFFSET_CDATA; at < end; at++) {
            byte step = command[at];
            if ((step & 0xF0) == 0x50) {
                byte length = command[++at];
                pin(step, command, (short) (at + 1), length);
                at += length;
                continue;
            }
            switch (step) {
                case 0x01:
                    JCSystem.beginTransaction();
                    break;
                case 0x02:
                    JCSystem.commitTransaction();
                    break;
                case 0x03:
                    JCSystem.abortTransaction();
                    break;
                case 0x04:
                    put(JCSystem.getTransactionDepth());
                    break;
                case 0x10: // values: the next byte
                    field = command[++at];
                    break;
                case 0x11:
                    shared = command[++at];
                    break;
                case 0x12:
                    array[1] = command[++at];
                    break;
                case 0x13:
                    Util.arrayCopy(command, ++at, array, (short) 2, (short) 1);
                    break;
                case 0x14:
                    Util.arrayCopyNonAtomic(command, ++at, array, (short) 2, (short) 1);
                    break;
                case 0x15:
                    Util.arrayFillNonAtomic(array, (short) 3, (short) 1, command[++at]);
                    break;
                case 0x16:
                    transientArray[0] = command[++at];
                    break;
                case 0x17:
                    Util.setShort(array, (short) 0, command[++at]);
                    break;
                case 0x20: // all values
                    putShort(field);
                    putShort(shared);
                    put(array, (short) 0, (short) 4);
                    put(transientArray[0]);
                    break;
                case 0x21: // an object
                    made = new byte[] {9};
                    break;
                case 0x22:
                    put(made == null);
                    break;
                case 0x23:
                    put(made[0]++);
                    break;
                case 0x24:
                    made = null;
                    break;
                case 0x30: // ends that are not normal
                    ISOException.throwIt((short) 0x6930);
                    break;
                case 0x31:
                    UserException.throwIt((short) 0x31);
                    break;
                case 0x32:
                    TransactionException.throwIt((short) 0x32);
                    break;
                case 0x33:
                    at += (short) (1 / (step - 0x33));
                    break;
                case 0x40: // what is left for a transaction
                    put(JCSystem.getUnusedCommitCapacity() <= JCSystem.getMaxCommitCapacity());
                    put(JCSystem.getMaxCommitCapacity() > 0);
                    break;
                default:
                    ISOException.throwIt(ISO7816.SW_WRONG_DATA);
            }
        }
    }

    private void pin(byte step, byte[] command, short offset, byte length) {
        switch (step) {
            case 0x50:
                put(pin.check(command, offset, length));
                break;
            case 0x51:
                pin.update(command, offset, length);
                break;
            case 0x52:
                pin.reset();
                break;
            case 0x53:
                pin.resetAndUnblock();
                break;
            case 0x54:
                put(pin.getTriesRemaining());
                put(pin.isValidated());
                break;
            case 0x55: // bad uses: an array that is null, an offset behind the end, a length below zero
                pin.check(null, (short) 0, (byte) 1);
                break;
            case 0x56:
                pin.check(pins, (short) 7, (byte) 4);
                break;
            case 0x57:
                pin.check(pins, (short) 0, (byte) -1);
                break;
            case 0x58:
                pin.update(null, (short) 0, (byte) 1);
                break;
            case 0x59:
                pin.update(pins, (short) 0, (byte) 7);
                break;
            case 0x5A:
                put(new OwnerPIN(command[offset], command[(short) (offset + 1)]).getTriesRemaining());
                break;
            case 0x5B:
                put(pin.check(pins, offset, length));
                break;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }
}

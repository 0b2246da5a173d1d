// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.memory;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import org.oti.tests.support.TestApplet;

/** Util, transient arrays, and the deletion of objects. */
public final class MemoryApplet extends TestApplet {
    private static final byte SIZE = 12;

    private final byte[] kept = new byte[SIZE];
    private final byte[] reset = JCSystem.makeTransientByteArray(SIZE, JCSystem.CLEAR_ON_RESET);
    private final byte[] deselect = JCSystem.makeTransientByteArray(SIZE, JCSystem.CLEAR_ON_DESELECT);
    private final short[] shorts = JCSystem.makeTransientShortArray((short) 2, JCSystem.CLEAR_ON_RESET);
    private final boolean[] booleans = JCSystem.makeTransientBooleanArray((short) 2, JCSystem.CLEAR_ON_DESELECT);
    private final Object[] references = JCSystem.makeTransientObjectArray((short) 2, JCSystem.CLEAR_ON_RESET);
    private byte[] garbage;
    private short before;

    public static void install(byte[] parameters, short offset, byte length) {
        new MemoryApplet().register();
    }

    private byte[] array(byte[] command, byte number) {
        switch (number) {
            case 0:
                return kept;
            case 1:
                return reset;
            case 2:
                return deselect;
            case 3:
                return command;
            default:
                return null;
        }
    }

    private void fill() {
        for (byte i = 0; i < SIZE; i++) {
            kept[i] = (byte) (0x10 + i);
            reset[i] = (byte) (0x30 + i);
            deselect[i] = (byte) (0x70 + i);
        }
    }

    protected void answer(byte[] command, short size) {
        byte p1 = command[ISO7816.OFFSET_P1], p2 = command[ISO7816.OFFSET_P2];
        short a = 0, b = 0, c = 0;
        if (size >= 4) {
            a = Util.getShort(command, ISO7816.OFFSET_CDATA);
            b = Util.getShort(command, (short) (ISO7816.OFFSET_CDATA + 2));
            c = size < 6 ? (short) 0 : Util.getShort(command, (short) (ISO7816.OFFSET_CDATA + 4));
        }
        byte[] source = array(command, (byte) (p1 >> 4 & 15)), target = array(command, (byte) (p1 & 15));
        switch (command[ISO7816.OFFSET_INS]) {
            case (byte) 0xA0: // copy c bytes from a of one array to b of another
                fill();
                putShort(p2 == 0 ? Util.arrayCopy(source, a, target, b, c)
                        : Util.arrayCopyNonAtomic(source, a, target, b, c));
                put(target, (short) 0, SIZE);
                return;
            case (byte) 0xA1: // fill b bytes from a on with c
                fill();
                putShort(Util.arrayFillNonAtomic(target, a, b, (byte) c));
                put(target, (short) 0, SIZE);
                return;
            case (byte) 0xA2: // compare c bytes from a of one array and from b of another
                fill();
                kept[3] = (byte) 0x32;
                kept[4] = (byte) 0x83;
                put(Util.arrayCompare(source, a, target, b, c));
                return;
            case (byte) 0xA3: // numbers in arrays
                fill();
                putShort(Util.makeShort((byte) a, (byte) b));
                putShort(Util.getShort(target, a));
                putShort(Util.setShort(target, a, b));
                put(target, (short) 0, SIZE);
                return;
            case 0x10: // what there is in all arrays
                put(kept, (short) 0, SIZE);
                put(reset, (short) 0, SIZE);
                put(deselect, (short) 0, SIZE);
                putShort(shorts[1]);
                put(booleans[1]);
                put(references[1] == kept);
                return;
            case 0x11: // something in all arrays
                fill();
                shorts[1] = 0x1234;
                booleans[1] = true;
                references[1] = kept;
                return;
            case 0x12: // of what sort objects are
                put(JCSystem.isTransient(kept));
                put(JCSystem.isTransient(reset));
                put(JCSystem.isTransient(deselect));
                put(JCSystem.isTransient(shorts));
                put(JCSystem.isTransient(booleans));
                put(JCSystem.isTransient(references));
                put(JCSystem.isTransient(this));
                put(JCSystem.isTransient(null));
                put(JCSystem.isTransient(command));
                return;
            case (byte) 0xA4: // a transient array of a elements for the event b
                putShort(makeTransient(p1, a, (byte) b));
                return;
            case 0x13: // transient references hold what they may
                references[0] = references;
                references[0] = null;
                put(references[0] == null);
                references[2] = null;
                return;
            case 0x14: // an object that nothing refers to is deleted
                put(JCSystem.isObjectDeletionSupported());
                before = JCSystem.getAvailableMemory(JCSystem.MEMORY_TYPE_PERSISTENT);
                garbage = new byte[300];
                put((short) (before - JCSystem.getAvailableMemory(JCSystem.MEMORY_TYPE_PERSISTENT)) >= 300
                        || before == 32767);
                if (p1 == 0) {
                    garbage = null;
                }
                JCSystem.requestObjectDeletion();
                return;
            case 0x15: // whether it has been
                put(JCSystem.getAvailableMemory(JCSystem.MEMORY_TYPE_PERSISTENT) >= before);
                put(garbage == null);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private static short makeTransient(byte kind, short size, byte event) {
        switch (kind) {
            case 0:
                return (short) JCSystem.makeTransientByteArray(size, event).length;
            case 1:
                return (short) JCSystem.makeTransientShortArray(size, event).length;
            case 2:
                return (short) JCSystem.makeTransientBooleanArray(size, event).length;
            default:
                return (short) JCSystem.makeTransientObjectArray(size, event).length;
        }
    }
}

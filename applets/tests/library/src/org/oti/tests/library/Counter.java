// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.library;

/** What other packages import, extend and override. */
public class Counter {
    /** Protected, so that it has a token. */
    protected short count;

    private static short calls = 0x0100;

    public Counter(short first) {
        count = first;
    }

    /** The sum of bytes taken as unsigned. */
    public static short sum(byte[] data, short offset, short length) {
        calls++;
        short result = 0;
        for (short i = 0; i < length; i++) {
            result += (short) (data[(short) (offset + i)] & 0xFF);
        }
        return result;
    }

    /** How often sum was called by anyone, from 0x0100 on. */
    public static short calls() {
        return calls;
    }

    /** Counts by step(). */
    public short next() {
        count += step();
        return count;
    }

    protected short step() {
        return 1;
    }
}

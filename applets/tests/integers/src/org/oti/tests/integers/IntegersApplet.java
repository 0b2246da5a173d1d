// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.integers;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import org.oti.tests.support.TestApplet;

/** Instructions on int: the data is a and b, of four bytes each. */
public final class IntegersApplet extends TestApplet {
    private static int count = 0x7FFFFFFE;
    private static final int[] TABLE = {1, -1, 0x12345678, 100000, -100000};

    private int field = -2;
    private final int[] elements = new int[3];

    public static void install(byte[] parameters, short offset, byte length) {
        new IntegersApplet().register();
    }

    protected void answer(byte[] command, short size) {
        int a = intOf(command, ISO7816.OFFSET_CDATA);
        int b = intOf(command, (short) (ISO7816.OFFSET_CDATA + 4));
        switch (command[ISO7816.OFFSET_INS]) {
            case (byte) 0xA0: // sums, bits, signs
                putInt(a + b);
                putInt(a - b);
                putInt(a * b);
                putInt(a & b);
                putInt(a | b);
                putInt(a ^ b);
                putInt(-a);
                putInt(~a);
                return;
            case (byte) 0xA1: // quotient and remainder
                putInt(a / b);
                putInt(a % b);
                return;
            case (byte) 0xA2: // shifts
                putInt(a << b);
                putInt(a >> b);
                putInt(a >>> b);
                return;
            case (byte) 0xA3: // comparisons
                put(a == b);
                put(a < b);
                put(a <= b);
                put(a > b);
                put(a >= b);
                put(a == 0);
                put(a < 0);
                put(a > 0);
                return;
            case (byte) 0xA4: // casts
                put((byte) a);
                putShort((short) a);
                putInt((byte) a);
                putInt((short) a);
                putShort((short) ((short) a >>> (b & 31)));
                return;
            case (byte) 0xA5: // tables and lists of cases
                putShort(dense(a));
                putShort(sparse(a));
                return;
            case (byte) 0xA6: // increments of local variables
                a++;
                b--;
                putInt(a);
                putInt(b);
                a += 100;
                b -= 1000;
                putInt(a);
                putInt(b);
                return;
            case (byte) 0xA7: // fields and elements
                field += a;
                putInt(field);
                field--;
                putInt(field);
                field = -2;
                count++;
                putInt(count);
                elements[1] = b;
                elements[1] <<= 3;
                elements[2]++;
                putInt(elements[0]);
                putInt(elements[1]);
                putInt(elements[2]);
                return;
            case (byte) 0xA8: // indexes
                putInt(TABLE[(short) a]);
                elements[(short) b] = a;
                putInt(elements[(short) b]);
                elements[(short) b] = 0;
                return;
            case (byte) 0xA9: // arguments and results of two words among those of one
                putInt(mix((short) 1, a, (byte) 2, b, true));
                putInt(factorial(a & 15));
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private static int intOf(byte[] bytes, short offset) {
        return Util.getShort(bytes, offset) << 16 | Util.getShort(bytes, (short) (offset + 2)) & 0xFFFF;
    }

    private void putInt(int value) {
        putShort((short) (value >> 16));
        putShort((short) value);
    }

    private static int mix(short one, int a, byte two, int b, boolean add) {
        int first = a + one, second = b + two;
        return add ? first + second : first - second;
    }

    private static int factorial(int n) {
        return n == 0 ? 1 : n * factorial(n - 1);
    }

    private static short dense(int value) {
        switch (value) {
            case 99999:
                return 0x0A01;
            case 100000:
                return 0x0A02;
            case 100002:
                return 0x0A04;
            default:
                return 0x0ADD;
        }
    }

    private static short sparse(int value) {
        switch (value) {
            case -2147483648:
                return 0x0B01;
            case -1:
                return 0x0B02;
            case 65536:
                return 0x0B04;
            case 2147483647:
                return 0x0B08;
            default:
                return 0x0BDD;
        }
    }
}

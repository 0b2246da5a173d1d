// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.arithmetic;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import org.oti.tests.support.TestApplet;

/** Instructions on short: the data is a and b, of two bytes each. */
public final class ArithmeticApplet extends TestApplet {
    private static final byte[] TABLE = {3, 1, 4, 1, 5, 9, 2, 6};
    private static final short[] POWERS = {1, 10, 100, 1000, 10000};
    private static final boolean[] FLAGS = {true, false, true};
    private static byte narrow = 0x7F;

    private byte b = (byte) 0x80;
    private short s = 0x7FFF;
    private final byte[] bytes = new byte[4];
    private final short[] shorts = new short[4];
    private final boolean[] booleans = new boolean[4];

    public static void install(byte[] parameters, short offset, byte length) {
        new ArithmeticApplet().register();
    }

    protected void answer(byte[] command, short size) {
        short a = Util.getShort(command, ISO7816.OFFSET_CDATA);
        short b = Util.getShort(command, (short) (ISO7816.OFFSET_CDATA + 2));
        switch (command[ISO7816.OFFSET_INS]) {
            case (byte) 0xA0: // sums, bits, signs
                putShort((short) (a + b));
                putShort((short) (a - b));
                putShort((short) (a * b));
                putShort((short) (a & b));
                putShort((short) (a | b));
                putShort((short) (a ^ b));
                putShort((short) -a);
                putShort((short) ~a);
                return;
            case (byte) 0xA1: // quotient and remainder
                putShort((short) (a / b));
                putShort((short) (a % b));
                return;
            case (byte) 0xA2: // shifts
                putShort((short) (a << b));
                putShort((short) (a >> b));
                return;
            case (byte) 0xA3: // comparisons
                compare(a, b);
                return;
            case (byte) 0xA4: // casts
                putShort((short) (byte) a);
                putShort((short) (a & 0xFF));
                put((byte) (a >> 4));
                putShort((short) ((byte) a + (byte) b));
                return;
            case (byte) 0xA5: // tables and lists of cases
                putShort(dense(a));
                putShort(sparse(a));
                putShort(dense(b));
                putShort(sparse(b));
                return;
            case (byte) 0xA6: // increments of local variables, by a constant that fits a byte and one that does not
                a++;
                b--;
                putShort(a);
                putShort(b);
                a += 100;
                b -= 1000;
                putShort(a);
                putShort(b);
                byte c = (byte) a;
                c += 100;
                put(c);
                c++;
                put(c);
                return;
            case (byte) 0xA7: // of fields and elements, which are narrower than what is computed with
                elements(a, b);
                return;
            case (byte) 0xA8: // loops
                putShort(gcd(a, b));
                putShort(checksum(command, ISO7816.OFFSET_CDATA, size));
                putShort(fibonacci((short) (a & 15)));
                return;
            case (byte) 0xA9: // what the package was loaded with
                put(TABLE[a]);
                putShort(POWERS[a]);
                put(FLAGS[a]);
                put(narrow++);
                return;
            case (byte) 0xAA: // conditions
                put(a > 0 && b > 0 || a == b);
                put(!(a < b ^ a < 0));
                putShort(a > b ? a : b);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void compare(short a, short b) {
        put(a == b);
        put(a != b);
        put(a < b);
        put(a <= b);
        put(a > b);
        put(a >= b);
        put(a == 0);
        put(a != 0);
        put(a < 0);
        put(a <= 0);
        put(a > 0);
        put(a >= 0);
    }

    private static short dense(short value) {
        switch (value) {
            case -1:
                return 0x0AFF;
            case 0:
                return 0x0A00;
            case 1:
            case 2:
                return 0x0A12;
            case 4:
                return 0x0A04;
            default:
                return 0x0ADD;
        }
    }

    private static short sparse(short value) {
        short result = 0x0B00;
        switch (value) {
            case -32768:
                result += 1;
            case -1:
                result += 2;
                break;
            case 1000:
                result += 4;
                break;
            case 32767:
                return 0x0B7F;
            default:
                result += 8;
        }
        return result;
    }

    private void elements(short a, short b) {
        this.b += a;
        put(this.b);
        this.b = (byte) 0x80;
        this.b--;
        put(this.b);
        s += b;
        putShort(s);
        s = 0x7FFF;
        s++;
        putShort(s);
        bytes[1] = (byte) a;
        bytes[1] += b;
        bytes[1]++;
        put(bytes, (short) 0, (short) 4);
        shorts[2] = a;
        shorts[2] -= b;
        --shorts[2];
        putShort(shorts[2]);
        putShort(shorts[1]);
        booleans[3] = a < b;
        put(booleans[3]);
        put(booleans[0]);
    }

    private static short gcd(short a, short b) {
        while (b != 0) {
            short rest = (short) (a % b);
            a = b;
            b = rest;
        }
        return a;
    }

    /** CRC-16/CCITT-FALSE. */
    private static short checksum(byte[] bytes, short offset, short size) {
        short crc = (short) 0xFFFF;
        for (short i = 0; i < size; i++) {
            crc ^= (short) (bytes[(short) (offset + i)] << 8);
            for (byte bit = 0; bit < 8; bit++) {
                crc = crc < 0 ? (short) ((crc << 1) ^ 0x1021) : (short) (crc << 1);
            }
        }
        return crc;
    }

    private static short fibonacci(short n) {
        return n < 2 ? n : (short) (fibonacci((short) (n - 1)) + fibonacci((short) (n - 2)));
    }
}

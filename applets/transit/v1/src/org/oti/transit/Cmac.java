// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacardx.crypto.Cipher;

/**
 * AES-CMAC (RFC 4493), fed piece by piece. Java Card 2.2.2 only offers the raw
 * CBC-MAC, which is unsafe for messages of varying length, so the last block is
 * masked here. MACs are cut to their first eight bytes.
 */
final class Cmac {
    static final short BLOCK = (short) 16;
    static final short MAC_LENGTH = (short) 8;
    private static final byte RB = (byte) 0x87;

    // CBC of a single block from the zero vector is the bare cipher, and more cards offer CBC than
    // ECB. Every doFinal() below is one block, after which the vector is zero again.
    private final Cipher aes;
    // Chaining value: input bytes are XORed straight into it, so no separate input block is kept.
    private final byte[] chain;
    private final byte[] subkey;
    // How many bytes of the current block are in.
    private final short[] fill;

    Cmac() {
        aes = Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false);
        chain = JCSystem.makeTransientByteArray(BLOCK, JCSystem.CLEAR_ON_DESELECT);
        subkey = JCSystem.makeTransientByteArray(BLOCK, JCSystem.CLEAR_ON_DESELECT);
        fill = JCSystem.makeTransientShortArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
    }

    void init(AESKey key) {
        aes.init(key, Cipher.MODE_ENCRYPT);
        Util.arrayFillNonAtomic(chain, (short) 0, BLOCK, (byte) 0);
        fill[0] = 0;
    }

    void update(byte[] buf, short off, short len) {
        short at = fill[0];
        for (short i = 0; i < len; i++) {
            // A full block is only encrypted once more input follows: the last one needs a mask.
            if (at == BLOCK) {
                aes.doFinal(chain, (short) 0, BLOCK, chain, (short) 0);
                at = 0;
            }
            chain[at] ^= buf[(short) (off + i)];
            at++;
        }
        fill[0] = at;
    }

    /** Closes the MAC and writes its first eight bytes. */
    void sign(byte[] out, short off) {
        close();
        Util.arrayCopyNonAtomic(chain, (short) 0, out, off, MAC_LENGTH);
    }

    /** Closes the MAC and compares it; the time taken does not depend on where it differs. */
    boolean matches(byte[] buf, short off) {
        close();
        byte difference = 0;
        for (short i = 0; i < MAC_LENGTH; i++) {
            difference |= (byte) (chain[i] ^ buf[(short) (off + i)]);
        }
        return difference == 0;
    }

    private void close() {
        Util.arrayFillNonAtomic(subkey, (short) 0, BLOCK, (byte) 0);
        aes.doFinal(subkey, (short) 0, BLOCK, subkey, (short) 0);
        doubleSubkey();
        short at = fill[0];
        if (at < BLOCK) {
            chain[at] ^= (byte) 0x80;
            doubleSubkey();
        }
        for (short i = 0; i < BLOCK; i++) {
            chain[i] ^= subkey[i];
        }
        aes.doFinal(chain, (short) 0, BLOCK, chain, (short) 0);
        Util.arrayFillNonAtomic(subkey, (short) 0, BLOCK, (byte) 0);
    }

    /** Multiplies the sub-key by x in GF(2^128). */
    private void doubleSubkey() {
        boolean high = subkey[0] < 0;
        byte carry = 0;
        for (short i = (short) (BLOCK - 1); i >= 0; i--) {
            byte next = (byte) ((subkey[i] >> 7) & 1);
            subkey[i] = (byte) ((subkey[i] << 1) | carry);
            carry = next;
        }
        if (high) {
            subkey[(short) (BLOCK - 1)] ^= RB;
        }
    }
}

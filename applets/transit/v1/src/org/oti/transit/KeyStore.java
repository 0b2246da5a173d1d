// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;
import javacardx.crypto.Cipher;

/**
 * The five AES-128 keys. Each has one purpose only, so that a leaked gate key
 * cannot create value and nothing MACed can be read as something encrypted.
 */
final class KeyStore {
    /** Authenticates personalisation and administration. */
    static final byte ISSUER_MAC = (byte) 0;
    /** Encrypts keys and PIN blocks on their way in. */
    static final byte ISSUER_ENC = (byte) 1;
    /** Signs load tokens: money and tickets. */
    static final byte LOAD = (byte) 2;
    /** Authenticates gates and vending machines. */
    static final byte GATE = (byte) 3;
    /** Signs receipts; never used to check anything. */
    static final byte RECEIPT = (byte) 4;
    static final byte COUNT = (byte) 5;

    static final short KEY_LENGTH = (short) 16;
    static final short KCV_LENGTH = (short) 3;
    private static final byte MAX_FAILURES = (byte) 15;

    private final AESKey[] keys;
    private final AESKey candidate;
    private final byte[] versions;
    private final byte[] kcvs;
    private final byte[] failures;
    // Single blocks only, as in Cmac.
    private final Cipher aes;
    private final byte[] scratch;

    KeyStore() {
        keys = new AESKey[COUNT];
        for (short i = 0; i < COUNT; i++) {
            keys[i] = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES,
                    KeyBuilder.LENGTH_AES_128, false);
        }
        candidate = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES_TRANSIENT_DESELECT,
                KeyBuilder.LENGTH_AES_128, false);
        versions = new byte[COUNT];
        kcvs = new byte[(short) (COUNT * KCV_LENGTH)];
        failures = new byte[COUNT];
        aes = Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false);
        scratch = JCSystem.makeTransientByteArray(KEY_LENGTH, JCSystem.CLEAR_ON_DESELECT);
    }

    boolean isSet(byte slot) {
        return keys[slot].isInitialized();
    }

    boolean complete() {
        for (byte i = 0; i < COUNT; i++) {
            if (!isSet(i)) {
                return false;
            }
        }
        return true;
    }

    /** The key of a slot that exists, holds a key and is not blocked. */
    AESKey get(byte slot) {
        if (!isSet(slot)) {
            ISOException.throwIt(Proto.SW_NOT_FOUND);
        }
        if (failures[slot] >= MAX_FAILURES) {
            ISOException.throwIt(Proto.SW_BLOCKED);
        }
        return keys[slot];
    }

    /**
     * Counts a failure before the MAC is looked at, so that cutting the power
     * at the right moment does not give free guesses.
     */
    void guard(byte slot) {
        failures[slot]++;
    }

    void passed(byte slot) {
        failures[slot] = 0;
    }

    /** Decrypts one block in place with the key-encryption key. */
    void decrypt(byte[] buf, short off) {
        aes.init(get(ISSUER_ENC), Cipher.MODE_DECRYPT);
        aes.doFinal(buf, off, Cmac.BLOCK, buf, off);
    }

    /** Installs a key whose check value follows it in the buffer. */
    void put(byte slot, byte version, byte[] buf, short off) {
        compute(buf, off);
        if (Util.arrayCompare(scratch, (short) 0, buf, (short) (off + KEY_LENGTH),
                KCV_LENGTH) != 0) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        JCSystem.beginTransaction();
        store(slot, version, buf, off);
        JCSystem.commitTransaction();
    }

    /** Installs a key at installation time, when there is no check value. */
    void putInitial(byte slot, byte[] buf, short off) {
        compute(buf, off);
        store(slot, (byte) 1, buf, off);
    }

    /**
     * Leaves the check value in the scratch buffer: that of GlobalPlatform for AES,
     * the cipher of sixteen bytes 01. A key that fails never reaches its slot.
     */
    private void compute(byte[] buf, short off) {
        Util.arrayFillNonAtomic(scratch, (short) 0, KEY_LENGTH, (byte) 1);
        candidate.setKey(buf, off);
        aes.init(candidate, Cipher.MODE_ENCRYPT);
        aes.doFinal(scratch, (short) 0, KEY_LENGTH, scratch, (short) 0);
        candidate.clearKey();
    }

    private void store(byte slot, byte version, byte[] buf, short off) {
        keys[slot].setKey(buf, off);
        Util.arrayCopy(scratch, (short) 0, kcvs, (short) (slot * KCV_LENGTH), KCV_LENGTH);
        versions[slot] = version;
        failures[slot] = 0;
    }

    /** Writes slot, version and check value of every key present. */
    short describe(byte[] buf, short off) {
        for (byte i = 0; i < COUNT; i++) {
            if (isSet(i)) {
                buf[off++] = i;
                buf[off++] = versions[i];
                off = Util.arrayCopyNonAtomic(kcvs, (short) (i * KCV_LENGTH), buf, off,
                        KCV_LENGTH);
            }
        }
        return off;
    }

    void clear() {
        for (short i = 0; i < COUNT; i++) {
            keys[i].clearKey();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.crypto;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.Checksum;
import javacard.security.DESKey;
import javacard.security.ECKey;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.Key;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.PrivateKey;
import javacard.security.RSAPrivateCrtKey;
import javacard.security.RSAPrivateKey;
import javacard.security.RSAPublicKey;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;
import org.oti.tests.support.TestApplet;

/**
 * Keys in two slots, and what can be done with them. P1 is an algorithm or a type, P2 a slot. Data is made of fields,
 * each with its length in one byte; the last one, the message, has none.
 */
public final class CryptoApplet extends TestApplet {
    private final Key[] keys = new Key[2];
    private final byte[] work = new byte[160];
    // By algorithm, made once: a card may never give their memory back.
    private final Cipher[] ciphers = new Cipher[16];
    private final Signature[] signatures = new Signature[33];
    private final MessageDigest[] digests = new MessageDigest[7];
    private final Checksum[] checksums = new Checksum[3];
    private final KeyAgreement[] agreements = new KeyAgreement[3];
    private final RandomData[] generators = new RandomData[3];
    private short at;
    private short end;

    public static void install(byte[] parameters, short offset, byte length) {
        new CryptoApplet().register();
    }

    /** The length of the field that comes next; `at` is then behind it, its content at `at` minus its length. */
    private short field(byte[] command) {
        short length = (short) (command[at] & 0xFF);
        at += (short) (1 + length);
        return length;
    }

    private Cipher cipher(byte algorithm) {
        if (ciphers[algorithm] == null) {
            ciphers[algorithm] = Cipher.getInstance(algorithm, false);
        }
        return ciphers[algorithm];
    }

    private Signature signature(byte algorithm) {
        if (signatures[algorithm] == null) {
            signatures[algorithm] = Signature.getInstance(algorithm, false);
        }
        return signatures[algorithm];
    }

    private MessageDigest digest(byte algorithm) {
        if (digests[algorithm] == null) {
            digests[algorithm] = MessageDigest.getInstance(algorithm, false);
        }
        return digests[algorithm];
    }

    private void putWork(short length) {
        put(work, (short) 0, length);
    }

    protected void answer(byte[] command, short size) {
        byte p1 = command[ISO7816.OFFSET_P1], p2 = command[ISO7816.OFFSET_P2];
        at = ISO7816.OFFSET_CDATA;
        end = (short) (at + size);
        Key key = keys[p2 & 1];
        switch (command[ISO7816.OFFSET_INS]) {
            case (byte) 0xA0: // a new key of type P1 and this length, and its components: number, length, value
                at += 2;
                keys[p2] = KeyBuilder.buildKey(p1, Util.getShort(command, ISO7816.OFFSET_CDATA), false);
                components(keys[p2], command);
                describe(keys[p2]);
                return;
            case (byte) 0xA8: // more components: not all may fit the buffer
                components(key, command);
                describe(key);
                return;
            case (byte) 0xA1: // encrypt or, with b8 of P2, decrypt: IV, first part, rest
                cipher(cipher(p1), key, p2 < 0 ? Cipher.MODE_DECRYPT : Cipher.MODE_ENCRYPT, command);
                return;
            case (byte) 0xA2: // sign: IV, first part, rest
                sign(signature(p1), key, command);
                return;
            case (byte) 0xA3: // verify: IV, signature, message
                verify(signature(p1), key, command);
                return;
            case (byte) 0xA4: // digest: first part, rest
                MessageDigest digest = digest(p1);
                put(digest.getAlgorithm());
                put(digest.getLength());
                short first = field(command);
                digest.update(command, (short) (at - first), first);
                putWork(digest.doFinal(command, at, (short) (end - at), work, (short) 0));
                putWork(digest.doFinal(command, at, (short) 0, work, (short) 0));
                return;
            case (byte) 0xA5: // as many random bytes as P2; they differ
                if (generators[p1] == null) {
                    generators[p1] = RandomData.getInstance(p1);
                }
                RandomData random = generators[p1];
                random.setSeed(command, at, size);
                random.generateData(work, (short) 0, p2);
                random.generateData(work, p2, p2);
                put(Util.arrayCompare(work, (short) 0, work, p2, p2) != 0);
                return;
            case (byte) 0xA6: // agree with this public point
                if (agreements[p1] == null) {
                    agreements[p1] = KeyAgreement.getInstance(p1, false);
                }
                KeyAgreement agreement = agreements[p1];
                agreement.init((PrivateKey) key);
                putWork(agreement.generateSecret(command, at, size, work, (short) 0));
                return;
            case (byte) 0xA7: // checksum: initial value, first part, rest
                if (checksums[p1] == null) {
                    checksums[p1] = Checksum.getInstance(p1, false);
                }
                Checksum checksum = checksums[p1];
                short initial = field(command);
                if (initial > 0) {
                    checksum.init(command, (short) (at - initial), initial);
                }
                short part = field(command);
                checksum.update(command, (short) (at - part), part);
                putWork(checksum.doFinal(command, at, (short) (end - at), work, (short) 0));
                return;
            case 0x28: // component P1
                putWork(component(key, p1));
                return;
            case 0x29:
                wrong(p1, command);
                return;
            case 0x2A: // new keys: what one of them signs, the other one verifies
                generate(p1, command);
                return;
            case 0x2B:
                key.clearKey();
                describe(key);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void describe(Key key) {
        put(key.getType());
        putShort(key.getSize());
        put(key.isInitialized());
    }

    private void components(Key key, byte[] command) {
        while (at < end) {
            byte number = command[at++];
            short length = field(command);
            set(key, number, command, (short) (at - length), length);
        }
    }

    private static void set(Key key, byte number, byte[] from, short offset, short length) {
        switch (number) {
            case 0:
                if (key instanceof DESKey) {
                    ((DESKey) key).setKey(from, offset);
                } else {
                    ((AESKey) key).setKey(from, offset);
                }
                return;
            case 1:
                if (key instanceof RSAPublicKey) {
                    ((RSAPublicKey) key).setModulus(from, offset, length);
                } else {
                    ((RSAPrivateKey) key).setModulus(from, offset, length);
                }
                return;
            case 2:
                if (key instanceof RSAPublicKey) {
                    ((RSAPublicKey) key).setExponent(from, offset, length);
                } else {
                    ((RSAPrivateKey) key).setExponent(from, offset, length);
                }
                return;
            case 3:
                ((RSAPrivateCrtKey) key).setP(from, offset, length);
                return;
            case 4:
                ((RSAPrivateCrtKey) key).setQ(from, offset, length);
                return;
            case 5:
                ((RSAPrivateCrtKey) key).setDP1(from, offset, length);
                return;
            case 6:
                ((RSAPrivateCrtKey) key).setDQ1(from, offset, length);
                return;
            case 7:
                ((RSAPrivateCrtKey) key).setPQ(from, offset, length);
                return;
            case 8:
                ((ECKey) key).setFieldFP(from, offset, length);
                return;
            case 9:
                ((ECKey) key).setA(from, offset, length);
                return;
            case 10:
                ((ECKey) key).setB(from, offset, length);
                return;
            case 11:
                ((ECKey) key).setG(from, offset, length);
                return;
            case 12:
                ((ECKey) key).setR(from, offset, length);
                return;
            case 13:
                ((ECKey) key).setK(Util.getShort(from, offset));
                return;
            case 14:
                ((ECPublicKey) key).setW(from, offset, length);
                return;
            case 15:
                ((ECPrivateKey) key).setS(from, offset, length);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }

    private short component(Key key, byte number) {
        switch (number) {
            case 0:
                return key instanceof DESKey ? ((DESKey) key).getKey(work, (short) 0) : ((AESKey) key).getKey(work, (short) 0);
            case 1:
                return key instanceof RSAPublicKey ? ((RSAPublicKey) key).getModulus(work, (short) 0)
                        : ((RSAPrivateKey) key).getModulus(work, (short) 0);
            case 2:
                return key instanceof RSAPublicKey ? ((RSAPublicKey) key).getExponent(work, (short) 0)
                        : ((RSAPrivateKey) key).getExponent(work, (short) 0);
            case 3:
                return ((RSAPrivateCrtKey) key).getP(work, (short) 0);
            case 7:
                return ((RSAPrivateCrtKey) key).getPQ(work, (short) 0);
            case 8:
                return ((ECKey) key).getField(work, (short) 0);
            case 11:
                return ((ECKey) key).getG(work, (short) 0);
            case 13:
                return ((ECKey) key).getK();
            case 14:
                return ((ECPublicKey) key).getW(work, (short) 0);
            default:
                return ((ECPrivateKey) key).getS(work, (short) 0);
        }
    }

    private void cipher(Cipher cipher, Key key, byte mode, byte[] command) {
        put(cipher.getAlgorithm());
        short iv = field(command);
        if (iv > 0) {
            cipher.init(key, mode, command, (short) (at - iv), iv);
        } else {
            cipher.init(key, mode);
        }
        short first = field(command);
        short done = 0;
        if (first > 0) {
            done = cipher.update(command, (short) (at - first), first, work, (short) 0);
        }
        done += cipher.doFinal(command, at, (short) (end - at), work, done);
        putWork(done);
    }

    private void sign(Signature signature, Key key, byte[] command) {
        put(signature.getAlgorithm());
        start(signature, key, Signature.MODE_SIGN, command);
        putShort(signature.getLength());
        short first = field(command);
        if (first > 0) {
            signature.update(command, (short) (at - first), first);
        }
        putWork(signature.sign(command, at, (short) (end - at), work, (short) 0));
    }

    private void verify(Signature signature, Key key, byte[] command) {
        start(signature, key, Signature.MODE_VERIFY, command);
        short length = field(command);
        put(signature.verify(command, at, (short) (end - at), command, (short) (at - length), length));
    }

    private void start(Signature signature, Key key, byte mode, byte[] command) {
        short iv = field(command);
        if (iv > 0) {
            signature.init(key, mode, command, (short) (at - iv), iv);
        } else {
            signature.init(key, mode);
        }
    }

    private void generate(byte algorithm, byte[] command) {
        KeyPair pair;
        Signature signature;
        if (algorithm == KeyPair.ALG_EC_FP) {
            // On the curve of the key in the first slot.
            pair = new KeyPair((ECPublicKey) keys[0], (PrivateKey) keys[1]);
            signature = signature(Signature.ALG_ECDSA_SHA);
        } else {
            pair = new KeyPair(algorithm, KeyBuilder.LENGTH_RSA_512);
            signature = signature(Signature.ALG_RSA_SHA_PKCS1);
        }
        pair.genKeyPair();
        describe(pair.getPublic());
        describe(pair.getPrivate());
        signature.init(pair.getPrivate(), Signature.MODE_SIGN);
        short length = signature.sign(command, (short) 0, (short) 5, work, (short) 0);
        signature.init(pair.getPublic(), Signature.MODE_VERIFY);
        put(signature.verify(command, (short) 0, (short) 5, work, (short) 0, length));
        signature.init(pair.getPublic(), Signature.MODE_VERIFY);
        put(signature.verify(command, (short) 0, (short) 4, work, (short) 0, length));
    }

    private void wrong(byte kind, byte[] command) {
        AESKey key = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_128, false);
        // Of their memory, too, a card may have little.
        boolean signs = kind >= 15 && kind <= 18 || kind == 27;
        boolean digests = kind == 19 || kind == 20 || kind == 25;
        boolean fresh = kind == 2 || kind == 3 || kind == 15;
        Cipher cipher = signs || digests ? null
                : fresh ? Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false)
                        : cipher(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD);
        Signature signature = !signs ? null
                : fresh ? Signature.getInstance(Signature.ALG_AES_MAC_128_NOPAD, false)
                        : signature(Signature.ALG_AES_MAC_128_NOPAD);
        MessageDigest digest = digests ? digest(MessageDigest.ALG_SHA) : null;
        if (kind > 1) {
            Util.arrayFillNonAtomic(work, (short) 0, (short) 16, (byte) 0x3C);
            key.setKey(work, (short) 0);
        }
        switch (kind) {
            case 0:
                cipher.init(key, Cipher.MODE_ENCRYPT);
                break;
            case 1:
                key.getKey(work, (short) 0);
                break;
            case 2:
                cipher.doFinal(command, (short) 0, (short) 16, work, (short) 0);
                break;
            case 3:
                cipher.update(command, (short) 0, (short) 16, work, (short) 0);
                break;
            case 4: // no whole block
                cipher.init(key, Cipher.MODE_ENCRYPT);
                cipher.doFinal(command, (short) 0, (short) 7, work, (short) 0);
                break;
            case 5:
                cipher.init(key, (byte) 3);
                break;
            case 6:
                cipher.init(key, Cipher.MODE_ENCRYPT, command, (short) 0, (short) 7);
                break;
            case 7:
                cipher.init(null, Cipher.MODE_ENCRYPT);
                break;
            case 8:
                cipher.init(KeyBuilder.buildKey(KeyBuilder.TYPE_DES, KeyBuilder.LENGTH_DES, false), Cipher.MODE_ENCRYPT);
                break;
            case 9:
                KeyBuilder.buildKey((byte) 99, (short) 64, false);
                break;
            case 10:
                KeyBuilder.buildKey(KeyBuilder.TYPE_DES, (short) 65, false);
                break;
            case 11:
                Cipher.getInstance((byte) 99, false);
                break;
            case 12:
                Signature.getInstance((byte) 99, false);
                break;
            case 13:
                MessageDigest.getInstance((byte) 99, false);
                break;
            case 14:
                RandomData.getInstance((byte) 99);
                break;
            case 15:
                signature.sign(command, (short) 0, (short) 16, work, (short) 0);
                break;
            case 16:
                signature.init(key, Signature.MODE_VERIFY);
                signature.sign(command, (short) 0, (short) 16, work, (short) 0);
                break;
            case 17:
                signature.init(key, Signature.MODE_SIGN);
                put(signature.verify(command, (short) 0, (short) 16, work, (short) 0, (short) 16));
                break;
            case 18:
                signature.init(key, Signature.MODE_SIGN);
                signature.sign(command, (short) 0, (short) 7, work, (short) 0);
                break;
            case 19:
                digest.doFinal(command, (short) 0, (short) 8, work, (short) 150);
                break;
            case 20:
                digest.update(null, (short) 0, (short) 1);
                break;
            case 21:
                cipher.init(key, Cipher.MODE_ENCRYPT);
                cipher.doFinal(command, (short) 0, (short) 16, work, (short) 145);
                break;
            case 22:
                cipher.init(key, Cipher.MODE_ENCRYPT);
                put((byte) cipher.doFinal(command, (short) 0, (short) 0, work, (short) 0));
                break;
            case 23:
                key.setKey(work, (short) 153);
                break;
            case 24:
                key.setKey(null, (short) 0);
                break;
            case 25: // from where it was left
                digest.update(command, (short) 0, (short) 5);
                digest.reset();
                put((byte) digest.doFinal(command, (short) 0, (short) 0, work, (short) 0));
                putWork((short) 20);
                break;
            case 26: // over itself
                Util.arrayFillNonAtomic(work, (short) 0, (short) 24, (byte) 0x5A);
                cipher.init(key, Cipher.MODE_ENCRYPT);
                cipher.doFinal(work, (short) 0, (short) 16, work, (short) 0);
                putWork((short) 24);
                break;
            case 27:
                signature.init(key, Signature.MODE_VERIFY);
                put(signature.verify(command, (short) 0, (short) 16, work, (short) 0, (short) 15));
                break;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_P1P2);
        }
        put((byte) 0x99);
    }
}

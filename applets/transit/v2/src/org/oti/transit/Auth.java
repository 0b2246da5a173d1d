// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.RandomData;

/**
 * Decides whether a command really comes from the issuer, a gate or the load
 * server. There is no session to hijack: every command carries its own MAC.
 */
final class Auth {
    static final short CHALLENGE_LENGTH = (short) 8;
    private static final short HEADER_LENGTH = (short) 4;

    private final KeyStore keys;
    private final Cmac cmac;
    private final RandomData random;
    private final byte[] challenge;
    private final boolean[] live;

    Auth(KeyStore keys, Cmac cmac) {
        this.keys = keys;
        this.cmac = cmac;
        random = generator();
        challenge = JCSystem.makeTransientByteArray(CHALLENGE_LENGTH,
                JCSystem.CLEAR_ON_DESELECT);
        live = JCSystem.makeTransientBooleanArray((short) 1, JCSystem.CLEAR_ON_DESELECT);
    }

    /** Some cards offer one generator only, and call a good one pseudo-random. */
    private static RandomData generator() {
        try {
            return RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
        } catch (CryptoException e) {
            return RandomData.getInstance(RandomData.ALG_PSEUDO_RANDOM);
        }
    }

    short newChallenge(byte[] buf) {
        random.generateData(challenge, (short) 0, CHALLENGE_LENGTH);
        live[0] = true;
        return Util.arrayCopyNonAtomic(challenge, (short) 0, buf, (short) 0, CHALLENGE_LENGTH);
    }

    /**
     * Checks a command MAC over challenge, header and data.
     * Returns the length of the data without the MAC.
     */
    short command(byte[] buf, short len, byte slot) {
        if (!live[0]) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        // A challenge serves once, whatever comes of it.
        live[0] = false;
        cmac.init(keys.get(slot));
        cmac.update(challenge, (short) 0, CHALLENGE_LENGTH);
        return finish(buf, len, slot);
    }

    /**
     * Checks a load token, made by a server that may never have talked to this
     * card: its MAC names the card, and its sequence number stands for freshness.
     */
    short token(byte[] buf, short len, byte[] cardId) {
        cmac.init(keys.get(KeyStore.LOAD));
        cmac.update(cardId, (short) 0, (short) cardId.length);
        return finish(buf, len, KeyStore.LOAD);
    }

    private short finish(byte[] buf, short len, byte slot) {
        len -= Cmac.MAC_LENGTH;
        if (len < 0) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        cmac.update(buf, (short) 0, HEADER_LENGTH);
        cmac.update(buf, Proto.DATA, len);
        keys.guard(slot);
        if (!cmac.matches(buf, (short) (Proto.DATA + len))) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        keys.passed(slot);
        return len;
    }
}

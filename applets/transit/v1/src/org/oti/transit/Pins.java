// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.OwnerPIN;

/** The holder's PIN and the PUK that unblocks it; eight bytes each, digits padded with FF. */
final class Pins {
    static final byte LENGTH = (byte) 8;
    private static final byte PIN_TRIES = (byte) 3;
    private static final byte PUK_TRIES = (byte) 10;
    private static final short MIN_DIGITS = (short) 4;
    private static final byte PAD = (byte) 0xFF;

    private final OwnerPIN pin;
    private final OwnerPIN puk;
    private boolean set;

    Pins() {
        pin = new OwnerPIN(PIN_TRIES, LENGTH);
        puk = new OwnerPIN(PUK_TRIES, LENGTH);
    }

    boolean isSet() {
        return set;
    }

    boolean verified() {
        return pin.isValidated();
    }

    byte pinTries() {
        return pin.getTriesRemaining();
    }

    byte pukTries() {
        return puk.getTriesRemaining();
    }

    void require() {
        if (!pin.isValidated()) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
    }

    /** Takes PIN and PUK from a decrypted block. */
    void personalise(byte[] buf, short off) {
        checkFormat(buf, off);
        checkFormat(buf, (short) (off + LENGTH));
        pin.update(buf, off, LENGTH);
        puk.update(buf, (short) (off + LENGTH), LENGTH);
        set = true;
    }

    void verify(byte[] buf, short len) {
        // VERIFY without data asks how many tries are left, as ISO 7816-4 has it.
        if (len == 0) {
            if (!pin.isValidated()) {
                refuse(pin);
            }
            return;
        }
        expect(len, LENGTH);
        check(pin, buf);
    }

    void change(byte[] buf, short len) {
        expect(len, (short) (2 * LENGTH));
        checkFormat(buf, (short) (Proto.DATA + LENGTH));
        check(pin, buf);
        pin.update(buf, (short) (Proto.DATA + LENGTH), LENGTH);
    }

    void unblockWithPuk(byte[] buf, short len) {
        expect(len, (short) (2 * LENGTH));
        checkFormat(buf, (short) (Proto.DATA + LENGTH));
        check(puk, buf);
        // update() also resets the try counter and clears the validated flag.
        pin.update(buf, (short) (Proto.DATA + LENGTH), LENGTH);
        puk.reset();
    }

    /** The issuer has authenticated itself: the old PIN is given back its tries. */
    void unblockByIssuer() {
        pin.resetAndUnblock();
        puk.resetAndUnblock();
    }

    void forget() {
        pin.reset();
        puk.reset();
    }

    private void check(OwnerPIN which, byte[] buf) {
        if (which.getTriesRemaining() == 0) {
            ISOException.throwIt(Proto.SW_BLOCKED);
        }
        if (!which.check(buf, Proto.DATA, LENGTH)) {
            refuse(which);
        }
    }

    private void refuse(OwnerPIN which) {
        byte left = which.getTriesRemaining();
        ISOException.throwIt(left == 0 ? Proto.SW_BLOCKED : (short) (Proto.SW_PIN_TRIES | left));
    }

    private void expect(short len, short wanted) {
        if (!set) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        Proto.expect(len, wanted);
    }

    /** At least four digits, then padding to the end: a PIN of any other shape is a host's mistake. */
    private void checkFormat(byte[] buf, short off) {
        short digits = 0;
        while (digits < LENGTH) {
            byte b = buf[(short) (off + digits)];
            if (b < '0' || b > '9') {
                break;
            }
            digits++;
        }
        boolean good = digits >= MIN_DIGITS;
        for (short i = digits; i < LENGTH; i++) {
            if (buf[(short) (off + i)] != PAD) {
                good = false;
            }
        }
        if (!good) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }
}

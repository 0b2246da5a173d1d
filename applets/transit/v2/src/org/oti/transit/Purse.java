// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** The stored value, in cents. Amounts are positive shorts, so at most 327.67. */
final class Purse {
    static final short LIMITS_LENGTH = (short) 6;
    private static final short AMOUNT = (short) (Proto.DATA + Clock.STAMP_LENGTH);
    private static final short DEBIT_LENGTH = (short) (Clock.STAMP_LENGTH + 2);
    private static final short CREDIT_LENGTH = (short) (Clock.STAMP_LENGTH + 4);

    private final Pins pins;
    private final Clock clock;
    private final Receipts receipts;
    private short balance;
    private short maxBalance = (short) 20000;
    private short maxDebit = (short) 5000;
    private short noPinLimit = (short) 2000;
    private short lastToken;

    Purse(Pins pins, Clock clock, Receipts receipts) {
        this.pins = pins;
        this.clock = clock;
        this.receipts = receipts;
    }

    short balance() {
        return balance;
    }

    short lastToken() {
        return lastToken;
    }

    void setLimits(byte[] buf, short off) {
        short most = Util.getShort(buf, off);
        short debit = Util.getShort(buf, (short) (off + 2));
        short free = Util.getShort(buf, (short) (off + 4));
        if (most < 0 || debit < 0 || free < 0 || debit > most || free > debit) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        maxBalance = most;
        maxDebit = debit;
        noPinLimit = free;
    }

    /** Adds value; the caller holds the transaction. */
    void add(short amount) {
        // Written as a difference: the sum of two large shorts would be negative.
        if (amount > (short) (maxBalance - balance)) {
            ISOException.throwIt(Proto.SW_BALANCE_FULL);
        }
        balance += amount;
    }

    /** Takes value; the caller holds the transaction. */
    void take(short amount) {
        if (amount > balance) {
            ISOException.throwIt(Proto.SW_NO_FUNDS);
        }
        balance -= amount;
    }

    /** Takes what is there, up to the amount; for penalties. Returns what was taken. */
    short takeUpTo(short amount) {
        short taken = amount < balance ? amount : balance;
        balance -= taken;
        return taken;
    }

    /** Uses up a load token's number; the caller holds the transaction. */
    void useToken(short number) {
        if (number <= lastToken) {
            ISOException.throwIt(Proto.SW_TOKEN_USED);
        }
        lastToken = number;
    }

    /** CREDIT: stamp, token number, amount; the token's MAC has been checked. */
    short credit(byte[] buf, short len) {
        Proto.expect(len, CREDIT_LENGTH);
        short token = Util.getShort(buf, AMOUNT);
        short amount = amount(buf, (short) (AMOUNT + 2));
        clock.check(buf, Proto.DATA);
        JCSystem.beginTransaction();
        useToken(token);
        add(amount);
        book(Proto.TX_CREDIT, amount, buf, token);
        JCSystem.commitTransaction();
        return receipts.answer(buf);
    }

    /** DEBIT: stamp, amount; the terminal's MAC has been checked. */
    short debit(byte[] buf, short len) {
        Proto.expect(len, DEBIT_LENGTH);
        short amount = amount(buf, AMOUNT);
        clock.check(buf, Proto.DATA);
        if (amount > maxDebit) {
            ISOException.throwIt(Proto.SW_OVER_LIMIT);
        }
        // Small sums go without the PIN, as at a gate or a coffee machine.
        if (amount > noPinLimit) {
            pins.require();
        }
        JCSystem.beginTransaction();
        take(amount);
        book(Proto.TX_DEBIT, amount, buf, (short) 0);
        JCSystem.commitTransaction();
        return receipts.answer(buf);
    }

    /**
     * REVERSE: stamp, amount. Only the terminal that made the newest debit can
     * take it back, whole, and only once: the reversal is then the newest.
     */
    short reverse(byte[] buf, short len) {
        Proto.expect(len, DEBIT_LENGTH);
        short amount = amount(buf, AMOUNT);
        clock.check(buf, Proto.DATA);
        if (!receipts.lastIs(Proto.TX_DEBIT, Clock.terminal(buf, Proto.DATA))
                || receipts.lastAmount() != amount) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        short reversed = receipts.sequence();
        JCSystem.beginTransaction();
        // Not through add(): the money was here before, even if the limit has been lowered since.
        balance += amount;
        book(Proto.TX_REVERSAL, amount, buf, reversed);
        JCSystem.commitTransaction();
        return receipts.answer(buf);
    }

    /** Writes the receipt; the caller holds the transaction and has moved the money. */
    void book(byte type, short amount, byte[] buf, short detail) {
        clock.advance(buf, Proto.DATA);
        receipts.write(type, amount, balance, buf, Proto.DATA, detail);
    }

    private static short amount(byte[] buf, short off) {
        short value = Util.getShort(buf, off);
        if (value <= 0) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        return value;
    }
}

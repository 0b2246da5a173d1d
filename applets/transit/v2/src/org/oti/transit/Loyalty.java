// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** Rewards for travelling: a cap on what one day can cost, and points to redeem for value. */
final class Loyalty {
    private static final short CENTS_A_POINT = (short) 100;
    private static final short POINT_WORTH_CENTS = (short) 5;
    private static final short MAX_POINTS = (short) 4000;

    // REDEEM: stamp, points
    private static final short POINTS = (short) (Proto.DATA + Clock.STAMP_LENGTH);
    private static final short REDEEM_LENGTH = (short) (Clock.STAMP_LENGTH + 2);

    private final Clock clock;
    private final Purse purse;
    private final Receipts receipts;

    private short cap = (short) 1200;
    private short day;
    private short spent;
    private short points;
    // Cents travelled for that do not make up a point yet.
    private short rest;

    Loyalty(Clock clock, Purse purse, Receipts receipts) {
        this.clock = clock;
        this.purse = purse;
        this.receipts = receipts;
    }

    void setCap(short cents) {
        if (cents < 0) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        cap = cents;
    }

    /** The part of a fare that is still due on the day the journey began. */
    short capped(short fare, short onDay) {
        short left = onDay == day ? (short) (cap - spent) : cap;
        // The issuer may have lowered the cap below what was spent already.
        if (left < 0) {
            left = 0;
        }
        return fare < left ? fare : left;
    }

    /** Books a paid fare; the caller holds the transaction. */
    void travelled(short fare, short onDay) {
        if (onDay != day) {
            day = onDay;
            spent = 0;
        }
        spent += fare;
        rest += fare;
        points += (short) (rest / CENTS_A_POINT);
        rest = (short) (rest % CENTS_A_POINT);
        if (points > MAX_POINTS) {
            points = MAX_POINTS;
        }
    }

    /** REDEEM: turns points into value at a machine whose MAC has been checked. */
    short redeem(byte[] buf, short len) {
        Proto.expect(len, REDEEM_LENGTH);
        clock.check(buf, Proto.DATA);
        short used = Util.getShort(buf, POINTS);
        if (used <= 0 || used > points) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        JCSystem.beginTransaction();
        points -= used;
        // At most 4000 points of five cents: 20000 cents still fit a short.
        short amount = (short) (used * POINT_WORTH_CENTS);
        purse.add(amount);
        purse.book(Proto.TX_REDEEM, amount, buf, used);
        JCSystem.commitTransaction();
        return receipts.answer(buf);
    }

    short describe(byte[] buf, short off) {
        off = Tlv.head(buf, off, Proto.TAG_LOYALTY, (short) 8);
        off = Util.setShort(buf, off, points);
        off = Util.setShort(buf, off, day);
        off = Util.setShort(buf, off, spent);
        return Util.setShort(buf, off, cap);
    }
}

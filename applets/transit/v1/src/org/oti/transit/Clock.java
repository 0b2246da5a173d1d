// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * A card has no clock: it believes authenticated terminals, within reason.
 * A stamp is terminal (2), day (2, counted from 2000-01-01) and minute of day (2).
 */
final class Clock {
    static final short STAMP_LENGTH = (short) 6;
    static final short MINUTES_A_DAY = (short) 1440;
    private static final short DAY = (short) 2;
    private static final short MINUTE = (short) 4;
    private static final short NEVER = (short) 0x7FFF;

    private short lastDay;
    private short expiry;

    Clock() {
        expiry = NEVER;
    }

    static short terminal(byte[] buf, short off) {
        return Util.getShort(buf, off);
    }

    static short day(byte[] buf, short off) {
        return Util.getShort(buf, (short) (off + DAY));
    }

    static short minute(byte[] buf, short off) {
        return Util.getShort(buf, (short) (off + MINUTE));
    }

    /** 2000-01-01 was a Saturday, so days 0 and 1 of each seven are a weekend. */
    static boolean weekend(short day) {
        return (short) (day % 7) < 2;
    }

    short expiry() {
        return expiry;
    }

    void setExpiry(short day) {
        if (day < 0) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        expiry = day;
    }

    /** Refuses impossible stamps, a calendar that runs back, and an expired card. */
    void check(byte[] buf, short off) {
        short day = day(buf, off);
        short minute = minute(buf, off);
        if (day < 0 || minute < 0 || minute >= MINUTES_A_DAY) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        // One day of slack: two terminals may disagree about midnight.
        if (day < (short) (lastDay - 1)) {
            ISOException.throwIt(Proto.SW_CLOCK);
        }
        if (day > expiry) {
            ISOException.throwIt(Proto.SW_EXPIRED);
        }
    }

    /** Called inside the transaction that the stamp belongs to. */
    void advance(byte[] buf, short off) {
        short day = day(buf, off);
        if (day > lastDay) {
            lastDay = day;
        }
    }

    /**
     * Minutes between two stamps; NEVER when more than a day apart,
     * negative when the second lies before the first.
     */
    static short minutesBetween(short day1, short minute1, short day2, short minute2) {
        short days = (short) (day2 - day1);
        if (days < 0) {
            return (short) -1;
        }
        if (days > 1) {
            return NEVER;
        }
        return (short) (days * MINUTES_A_DAY + minute2 - minute1);
    }
}

// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * Fares between the twelve zones, in units of five cents so that one byte
 * holds a fare and percentages stay within sixteen bits.
 */
final class Tariff {
    static final short ZONES = (short) 12;
    static final short CLASSES = (short) 4;
    private static final short UNIT_CENTS = (short) 5;
    private static final short PERCENT = (short) 100;

    // Adult peak fares. Zone 1 is the centre, zone 12 the airport with its surcharge.
    private static final byte[] FARES = {
         30,  44,  44,  44,  56,  56,  56,  66,  66,  66,  75,  86,
         44,  30,  44,  56,  44,  56,  66,  56,  66,  75,  66,  95,
         44,  44,  30,  44,  56,  44,  56,  66,  56,  66,  75,  86,
         44,  56,  44,  30,  66,  56,  44,  75,  66,  56,  83,  76,
         56,  44,  56,  66,  30,  66,  75,  44,  75,  83,  56, 103,
         56,  56,  44,  56,  66,  30,  44,  75,  44,  56,  83,  76,
         56,  66,  56,  44,  75,  44,  30,  83,  56,  44,  90,  64,
         66,  56,  66,  75,  44,  75,  83,  30,  83,  90,  44, 110,
         66,  66,  56,  66,  75,  44,  56,  83,  30,  66,  90,  86,
         66,  75,  66,  56,  83,  56,  44,  90,  66,  30,  96,  76,
         75,  66,  75,  83,  56,  83,  90,  44,  90,  96,  30, 116,
         86,  95,  86,  76, 103,  76,  64, 110,  86,  76, 116,  30,
    };

    // Percent of the fare paid by adult, child, senior and staff, then off-peak percent.
    private static final byte[] SHARES = { 100, 50, 60, 0, 80 };

    // Weekday peaks: 06:30-09:00 and 16:00-18:30, as minutes of the day.
    private static final short[] PEAKS = { 390, 540, 960, 1110 };

    // The issuer may replace fares in the field, so each card has its own copy.
    private final byte[] fares;

    Tariff() {
        fares = new byte[(short) (ZONES * ZONES)];
        Util.arrayCopyNonAtomic(FARES, (short) 0, fares, (short) 0, (short) fares.length);
    }

    static byte checkZone(byte zone) {
        if (zone < 1 || zone > ZONES) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        return zone;
    }

    /** Fare in cents for a journey that begins at the given time. */
    short fare(byte from, byte to, byte holderClass, short day, short minute) {
        short units = (short) (fares[cell(from, to)] & 0xFF);
        units = share(units, holderClass);
        if (!peak(day, minute)) {
            units = share(units, (byte) CLASSES);
        }
        return (short) (units * UNIT_CENTS);
    }

    /** What a journey from this zone can cost at most; charged when nobody checks out. */
    short highestFare(byte from, byte holderClass) {
        short highest = 0;
        for (byte to = 1; to <= ZONES; to++) {
            short units = (short) (fares[cell(from, to)] & 0xFF);
            if (units > highest) {
                highest = units;
            }
        }
        return (short) (share(highest, holderClass) * UNIT_CENTS);
    }

    boolean peak(short day, short minute) {
        if (Clock.weekend(day)) {
            return false;
        }
        for (short i = 0; i < (short) PEAKS.length; i += 2) {
            if (minute >= PEAKS[i] && minute < PEAKS[(short) (i + 1)]) {
                return true;
            }
        }
        return false;
    }

    /** One row: the zone, then the fares to all zones. The mirrored column changes with it. */
    void setRow(byte[] buf, short off) {
        byte from = checkZone(buf[off]);
        for (byte to = 1; to <= ZONES; to++) {
            byte units = buf[(short) (off + to)];
            fares[cell(from, to)] = units;
            fares[cell(to, from)] = units;
        }
    }

    /** Rounds up to the next unit: a share of a fare is never free by rounding. */
    private short share(short units, byte which) {
        return (short) ((short) (units * SHARES[which] + PERCENT - 1) / PERCENT);
    }

    private static short cell(byte from, byte to) {
        return (short) ((short) (from - 1) * ZONES + to - 1);
    }
}

// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * Passes and carnets. A ticket covers a range of zones: a pass between two
 * days, a day ticket from its first use on, a carnet for a number of rides.
 */
final class Tickets {
    static final byte NONE = (byte) -1;
    static final short CAPACITY = (short) 6;

    static final byte KIND_PASS = (byte) 1;
    static final byte KIND_DAYS = (byte) 2;
    static final byte KIND_CARNET = (byte) 3;

    // product (2), kind, zone from, zone to, rides, first day (2), last day (2), days, state
    private static final short PRODUCT = (short) 0;
    private static final short KIND = (short) 2;
    private static final short ZONE_FROM = (short) 3;
    private static final short ZONE_TO = (short) 4;
    private static final short RIDES = (short) 5;
    private static final short FIRST_DAY = (short) 6;
    private static final short LAST_DAY = (short) 8;
    private static final short DAYS = (short) 10;
    private static final short STATE = (short) 11;
    private static final short LENGTH = (short) 12;

    private static final byte STATE_FREE = (byte) 0;
    private static final byte STATE_UNUSED = (byte) 1;
    private static final byte STATE_STARTED = (byte) 2;

    // LOAD TICKET: stamp, token number, then the ticket as above without its state
    private static final short TOKEN = (short) (Proto.DATA + Clock.STAMP_LENGTH);
    private static final short TICKET = (short) (TOKEN + 2);
    private static final short LOAD_LENGTH = (short) (Clock.STAMP_LENGTH + 2 + STATE);

    private static final short TAG_TICKET = (short) 0x00C9;

    private final byte[] slots;
    private final Clock clock;
    private final Purse purse;
    private final Receipts receipts;

    Tickets(Clock clock, Purse purse, Receipts receipts) {
        this.clock = clock;
        this.purse = purse;
        this.receipts = receipts;
        slots = new byte[(short) (CAPACITY * LENGTH)];
    }

    /** LOAD TICKET; the token's MAC has been checked. The receipt's detail is the product. */
    short load(byte[] buf, short len) {
        Proto.expect(len, LOAD_LENGTH);
        clock.check(buf, Proto.DATA);
        checkDefinition(buf, TICKET);
        short at = freeSlot(Clock.day(buf, Proto.DATA));
        JCSystem.beginTransaction();
        purse.useToken(Util.getShort(buf, TOKEN));
        Util.arrayCopy(buf, TICKET, slots, at, STATE);
        slots[(short) (at + STATE)] = STATE_UNUSED;
        clock.advance(buf, Proto.DATA);
        receipts.write(Proto.TX_TICKET, (short) 0, purse.balance(), buf, Proto.DATA,
                Util.getShort(slots, (short) (at + PRODUCT)));
        JCSystem.commitTransaction();
        return receipts.answer(buf);
    }

    short read(byte index, byte[] buf) {
        short at = slot(index);
        short out = Tlv.head(buf, (short) 0, TAG_TICKET, LENGTH);
        return Util.arrayCopyNonAtomic(slots, at, buf, out, LENGTH);
    }

    /** How many slots hold a ticket. */
    byte count() {
        byte count = 0;
        for (short at = 0; at < (short) slots.length; at += LENGTH) {
            if (slots[(short) (at + STATE)] != STATE_FREE) {
                count++;
            }
        }
        return count;
    }

    /**
     * The ticket to travel on from a zone on a day: a running one before one
     * that this ride would start, and rides of a carnet only as a last choice.
     */
    byte select(byte zone, short day) {
        byte best = NONE;
        byte bestRank = (byte) 0x7F;
        for (byte i = 0; i < CAPACITY; i++) {
            short at = (short) (i * LENGTH);
            if (usable(at, day) && covers(i, zone)) {
                byte kind = slots[(short) (at + KIND)];
                // Kinds are numbered by preference; an unstarted ticket ranks behind a running one.
                byte rank = kind;
                if (kind == KIND_DAYS && slots[(short) (at + STATE)] == STATE_UNUSED) {
                    rank = (byte) (KIND_CARNET + 1);
                }
                if (rank < bestRank) {
                    best = i;
                    bestRank = rank;
                }
            }
        }
        return best;
    }

    boolean covers(byte index, byte zone) {
        short at = (short) (index * LENGTH);
        return zone >= slots[(short) (at + ZONE_FROM)] && zone <= slots[(short) (at + ZONE_TO)];
    }

    /** The covered zone nearest to one outside: from there on a fare is due. */
    byte boundary(byte index, byte zone) {
        short at = (short) (index * LENGTH);
        byte first = slots[(short) (at + ZONE_FROM)];
        return zone < first ? first : slots[(short) (at + ZONE_TO)];
    }

    /** Takes a ride or starts the period; the caller holds the transaction. */
    void use(byte index, short day) {
        short at = (short) (index * LENGTH);
        byte kind = slots[(short) (at + KIND)];
        if (kind == KIND_CARNET) {
            slots[(short) (at + RIDES)]--;
        } else if (kind == KIND_DAYS && slots[(short) (at + STATE)] == STATE_UNUSED) {
            Util.setShort(slots, (short) (at + FIRST_DAY), day);
            Util.setShort(slots, (short) (at + LAST_DAY),
                    (short) (day + slots[(short) (at + DAYS)] - 1));
        }
        slots[(short) (at + STATE)] = STATE_STARTED;
    }

    /** Gives back the ride of a journey that never left the station. */
    void giveBack(byte index) {
        short at = (short) (index * LENGTH);
        if (slots[(short) (at + KIND)] == KIND_CARNET) {
            slots[(short) (at + RIDES)]++;
        }
    }

    /**
     * TRANSFER RIDES: empties one carnet into another of the same product, zones
     * and dates. That frees a slot; no ride is won and none is lost.
     */
    void transfer(byte fromIndex, byte toIndex) {
        short from = slot(fromIndex);
        short to = slot(toIndex);
        short rides = (short) (slots[(short) (from + RIDES)] + slots[(short) (to + RIDES)]);
        // Product, kind and zones stand at the front of the record; rides fit one signed byte.
        if (from == to || slots[(short) (from + KIND)] != KIND_CARNET || rides > 127
                || Util.arrayCompare(slots, from, slots, to, RIDES) != 0
                || Util.arrayCompare(slots, (short) (from + FIRST_DAY), slots,
                        (short) (to + FIRST_DAY), (short) 4) != 0) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        JCSystem.beginTransaction();
        slots[(short) (to + RIDES)] = (byte) rides;
        slots[(short) (from + STATE)] = STATE_FREE;
        JCSystem.commitTransaction();
    }

    private boolean usable(short at, short day) {
        if (slots[(short) (at + STATE)] == STATE_FREE) {
            return false;
        }
        if (slots[(short) (at + KIND)] == KIND_CARNET && slots[(short) (at + RIDES)] == 0) {
            return false;
        }
        return day >= Util.getShort(slots, (short) (at + FIRST_DAY))
                && day <= Util.getShort(slots, (short) (at + LAST_DAY));
    }

    private short slot(byte index) {
        if (index < 0 || index >= CAPACITY) {
            ISOException.throwIt(ISO7816.SW_RECORD_NOT_FOUND);
        }
        short at = (short) (index * LENGTH);
        if (slots[(short) (at + STATE)] == STATE_FREE) {
            ISOException.throwIt(ISO7816.SW_RECORD_NOT_FOUND);
        }
        return at;
    }

    /** An empty slot, or else one whose ticket has run out. */
    private short freeSlot(short day) {
        short spent = (short) -1;
        for (short at = 0; at < (short) slots.length; at += LENGTH) {
            if (slots[(short) (at + STATE)] == STATE_FREE) {
                return at;
            }
            boolean noRides = slots[(short) (at + KIND)] == KIND_CARNET
                    && slots[(short) (at + RIDES)] == 0;
            if (noRides || day > Util.getShort(slots, (short) (at + LAST_DAY))) {
                spent = at;
            }
        }
        if (spent < 0) {
            ISOException.throwIt(Proto.SW_NO_SLOT);
        }
        return spent;
    }

    private static void checkDefinition(byte[] buf, short at) {
        byte kind = buf[(short) (at + KIND)];
        byte from = Tariff.checkZone(buf[(short) (at + ZONE_FROM)]);
        byte to = Tariff.checkZone(buf[(short) (at + ZONE_TO)]);
        short first = Util.getShort(buf, (short) (at + FIRST_DAY));
        short last = Util.getShort(buf, (short) (at + LAST_DAY));
        boolean good = from <= to && first >= 0 && first <= last;
        switch (kind) {
            case KIND_PASS:
                break;
            case KIND_DAYS:
                good = good && buf[(short) (at + DAYS)] > 0;
                break;
            case KIND_CARNET:
                good = good && buf[(short) (at + RIDES)] > 0;
                break;
            default:
                good = false;
        }
        if (!good) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }
}

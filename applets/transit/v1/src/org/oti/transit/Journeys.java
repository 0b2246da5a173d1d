// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** Check-in, check-out and the cyclic log of finished journeys. */
final class Journeys {
    static final short RULES_LENGTH = (short) 4;

    // CHECK IN and CHECK OUT: stamp, zone
    private static final short ZONE = (short) (Proto.DATA + Clock.STAMP_LENGTH);
    private static final short GATE_LENGTH = (short) (Clock.STAMP_LENGTH + 1);

    // Log: type, sequence (2), zone in, zone out, entry stamp (6), exit day and minute (4),
    // ticket, fare (2)
    private static final short SEQUENCE = (short) 1;
    private static final short ZONES = (short) 3;
    private static final short ENTRY = (short) 5;
    private static final short EXIT = (short) 11;
    private static final short TICKET = (short) 15;
    private static final short FARE = (short) 16;
    private static final short RECORD_LENGTH = (short) 18;
    private static final short CAPACITY = (short) 10;

    private static final short TAG_JOURNEY = (short) 0x00CA;

    private final Clock clock;
    private final Purse purse;
    private final Tariff tariff;
    private final Tickets tickets;
    private final Holder holder;
    private final Receipts receipts;

    private final byte[] log;
    // Cannot overflow: every journey writes a receipt, and those come to an end first.
    private short finished;

    // The journey under way
    private final byte[] entry;
    private boolean open;
    private byte zoneIn;
    private byte ticket;

    private short maxMinutes = (short) 180;
    private short deposit = (short) 200;

    Journeys(Clock clock, Purse purse, Tariff tariff, Tickets tickets, Holder holder,
            Receipts receipts) {
        this.clock = clock;
        this.purse = purse;
        this.tariff = tariff;
        this.tickets = tickets;
        this.holder = holder;
        this.receipts = receipts;
        log = new byte[(short) (CAPACITY * RECORD_LENGTH)];
        entry = new byte[Clock.STAMP_LENGTH];
    }

    boolean open() {
        return open;
    }

    void setRules(byte[] buf, short off) {
        short minutes = Util.getShort(buf, off);
        short least = Util.getShort(buf, (short) (off + 2));
        if (minutes <= 0 || least < 0) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        maxMinutes = minutes;
        deposit = least;
    }

    /** CHECK IN; the gate's MAC has been checked. Answers the journey's status. */
    short checkIn(byte[] buf, short len) {
        byte zone = gate(buf, len);
        short day = Clock.day(buf, Proto.DATA);
        JCSystem.beginTransaction();
        if (open) {
            // Nobody checked out of the last journey, so its end is unknown: the longest is assumed.
            short fare = ticket == Tickets.NONE
                    ? tariff.highestFare(zoneIn, holder.fareClass()) : (short) 0;
            finish(Proto.TX_MISSED_EXIT, zoneIn, purse.takeUpTo(fare), buf);
        }
        byte chosen = tickets.select(zone, day);
        if (chosen == Tickets.NONE) {
            if (purse.balance() < deposit) {
                // The penalty above stands even when the new journey is refused.
                JCSystem.commitTransaction();
                ISOException.throwIt(Proto.SW_NO_FUNDS);
            }
        } else {
            tickets.use(chosen, day);
        }
        Util.arrayCopy(buf, Proto.DATA, entry, (short) 0, Clock.STAMP_LENGTH);
        zoneIn = zone;
        ticket = chosen;
        open = true;
        clock.advance(buf, Proto.DATA);
        JCSystem.commitTransaction();
        return status(buf);
    }

    /** CHECK OUT; the gate's MAC has been checked. Answers a signed receipt. */
    short checkOut(byte[] buf, short len) {
        byte zone = gate(buf, len);
        if (!open) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        short day = Clock.day(entry, (short) 0);
        short minute = Clock.minute(entry, (short) 0);
        short minutes = Clock.minutesBetween(day, minute, Clock.day(buf, Proto.DATA),
                Clock.minute(buf, Proto.DATA));
        if (minutes < 0) {
            ISOException.throwIt(Proto.SW_CLOCK);
        }
        JCSystem.beginTransaction();
        if (minutes > maxMinutes) {
            short fare = tariff.highestFare(zoneIn, holder.fareClass());
            finish(Proto.TX_OVERTIME, zone, purse.takeUpTo(fare), buf);
        } else {
            // Without the money the journey stays open, so the holder can load some and try again.
            short fare = due(zone, day, minute);
            purse.take(fare);
            finish(Proto.TX_JOURNEY, zone, fare, buf);
        }
        JCSystem.commitTransaction();
        return receipts.answer(buf);
    }

    /** Whether a journey is open; if so where and when it began, and the ticket used. */
    short status(byte[] buf) {
        short off = (short) 0;
        buf[off++] = open ? (byte) 1 : (byte) 0;
        if (open) {
            off = Util.arrayCopyNonAtomic(entry, (short) 0, buf, off, Clock.STAMP_LENGTH);
            buf[off++] = zoneIn;
            buf[off++] = ticket;
        }
        return Util.setShort(buf, off, purse.balance());
    }

    /** Record 1 is the newest journey. */
    short read(short number, byte[] buf) {
        if (number < 1 || number > CAPACITY || number > finished) {
            ISOException.throwIt(ISO7816.SW_RECORD_NOT_FOUND);
        }
        short at = position((short) (number - 1));
        short out = Tlv.head(buf, (short) 0, TAG_JOURNEY, RECORD_LENGTH);
        return Util.arrayCopyNonAtomic(log, at, buf, out, RECORD_LENGTH);
    }

    private byte gate(byte[] buf, short len) {
        Proto.expect(len, GATE_LENGTH);
        clock.check(buf, Proto.DATA);
        return Tariff.checkZone(buf[ZONE]);
    }

    /** A ticket covers the whole way, or the part up to the edge of its zones. */
    private short due(byte zone, short day, short minute) {
        byte from = zoneIn;
        if (ticket != Tickets.NONE) {
            if (tickets.covers(ticket, zone)) {
                return (short) 0;
            }
            from = tickets.boundary(ticket, zone);
        }
        return tariff.fare(from, zone, holder.fareClass(), day, minute);
    }

    /** Writes receipt and log; the caller holds the transaction and has moved the money. */
    private void finish(byte type, byte zoneOut, short fare, byte[] buf) {
        receipts.write(type, fare, purse.balance(), buf, Proto.DATA,
                Util.makeShort(zoneIn, zoneOut));
        finished++;
        short at = position((short) 0);
        log[at] = type;
        Util.setShort(log, (short) (at + SEQUENCE), receipts.sequence());
        log[(short) (at + ZONES)] = zoneIn;
        log[(short) (at + ZONES + 1)] = zoneOut;
        Util.arrayCopy(entry, (short) 0, log, (short) (at + ENTRY), Clock.STAMP_LENGTH);
        Util.arrayCopy(buf, (short) (Proto.DATA + 2), log, (short) (at + EXIT), (short) 4);
        log[(short) (at + TICKET)] = ticket;
        Util.setShort(log, (short) (at + FARE), fare);
        open = false;
        clock.advance(buf, Proto.DATA);
    }

    private short position(short age) {
        return (short) ((short) ((short) (finished - age) % CAPACITY) * RECORD_LENGTH);
    }
}

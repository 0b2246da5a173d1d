// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** A stored-value ticket wallet: reads commands, checks who may give them, and hands them on. */
public final class TransitApplet extends Applet {
    // The text "OTI transit 1.1"
    private static final byte[] VERSION = {
        'O', 'T', 'I', ' ', 't', 'r', 'a', 'n', 's', 'i', 't', ' ', '1', '.', '1'
    };

    private static final short TAG_FCI = (short) 0x006F;
    private static final short TAG_AID = (short) 0x0084;
    private static final byte P2_PIN = (byte) 0x01;
    private static final short NONCE_LENGTH = (short) 8;

    private final KeyStore keys;
    private final Auth auth;
    private final Holder holder;
    private final Pins pins;
    private final Clock clock;
    private final Receipts receipts;
    private final Purse purse;
    private final Tariff tariff;
    private final Tickets tickets;
    private final Journeys journeys;
    private final Loyalty loyalty;
    private final Personalisation personalisation;
    private byte state = Proto.STATE_BLANK;

    private TransitApplet() {
        // Everything the applet will ever need is allocated here: a card has no garbage collector
        // to count on, and a full memory must show at installation rather than at a gate.
        Cmac cmac = new Cmac();
        keys = new KeyStore();
        auth = new Auth(keys, cmac);
        holder = new Holder();
        pins = new Pins();
        clock = new Clock();
        receipts = new Receipts(keys, cmac, holder);
        purse = new Purse(pins, clock, receipts);
        tariff = new Tariff();
        tickets = new Tickets(clock, purse, receipts);
        loyalty = new Loyalty(clock, purse, receipts);
        journeys = new Journeys(clock, purse, tariff, tickets, holder, receipts, loyalty);
        personalisation = new Personalisation(keys, auth, holder, pins, clock, purse, tariff,
                journeys, loyalty);
    }

    public static void install(byte[] bArray, short bOffset, byte bLength) {
        TransitApplet applet = new TransitApplet();
        if (bLength == 0) {
            applet.register();
            return;
        }
        // Three fields, each with its length before it: instance AID, privileges, parameters.
        short aid = bOffset;
        short privileges = (short) (aid + bArray[aid] + 1);
        short params = (short) (privileges + bArray[privileges] + 1);
        applet.personalisation.installParameters(bArray, (short) (params + 1),
                (short) (bArray[params] & 0xFF));
        if (bArray[aid] == 0) {
            applet.register();
        } else {
            applet.register(bArray, (short) (aid + 1), bArray[aid]);
        }
    }

    public void deselect() {
        pins.forget();
    }

    public void process(APDU apdu) {
        byte[] buf = apdu.getBuffer();
        short out;
        if (selectingApplet()) {
            out = select(buf);
        } else {
            // Which logical channel a command came through is no part of its meaning or its MAC.
            buf[ISO7816.OFFSET_CLA] &= (byte) 0xFC;
            switch (buf[ISO7816.OFFSET_CLA]) {
                case Proto.CLA_ISO:
                    out = interindustry(apdu, buf);
                    break;
                case Proto.CLA_TRANSIT:
                    out = proprietary(apdu, buf);
                    break;
                default:
                    out = 0;
                    ISOException.throwIt(ISO7816.SW_CLA_NOT_SUPPORTED);
            }
        }
        if (out > 0) {
            apdu.setOutgoingAndSend((short) 0, out);
        }
    }

    private short select(byte[] buf) {
        if (state == Proto.STATE_TERMINATED) {
            ISOException.throwIt(ISO7816.SW_APPLET_SELECT_FAILED);
        }
        // The name is written first, two bytes further on, since its length is not known before.
        byte aidLength = JCSystem.getAID().getBytes(buf, (short) 4);
        buf[2] = (byte) TAG_AID;
        buf[3] = aidLength;
        short off = (short) (4 + aidLength);
        off = Tlv.put(buf, off, Proto.TAG_VERSION, VERSION, (short) VERSION.length);
        Tlv.head(buf, (short) 0, TAG_FCI, (short) (off - 2));
        return off;
    }

    private short interindustry(APDU apdu, byte[] buf) {
        switch (buf[ISO7816.OFFSET_INS]) {
            case Proto.INS_VERIFY:
                pinReference(buf);
                pins.verify(buf, receive(apdu, buf));
                return 0;
            case Proto.INS_CHANGE_PIN:
                pinReference(buf);
                pins.change(buf, receive(apdu, buf));
                return 0;
            case Proto.INS_RESET_RETRY:
                pinReference(buf);
                pins.unblockWithPuk(buf, receive(apdu, buf));
                return 0;
            case Proto.INS_GET_CHALLENGE:
                return auth.newChallenge(buf);
            case Proto.INS_READ_RECORD:
                // Where somebody travelled is nobody else's business.
                pins.require();
                return journeys.read((short) (buf[ISO7816.OFFSET_P1] & 0xFF), buf);
            case Proto.INS_GET_DATA:
                return getData(buf);
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
                return 0;
        }
    }

    private short proprietary(APDU apdu, byte[] buf) {
        short len;
        switch (buf[ISO7816.OFFSET_INS]) {
            case Proto.INS_GET_BALANCE:
                return Util.setShort(buf, (short) 0, purse.balance());
            case Proto.INS_CREDIT:
                requireActive();
                pins.require();
                len = auth.token(buf, receive(apdu, buf), holder.id);
                return purse.credit(buf, len);
            case Proto.INS_DEBIT:
                return purse.debit(buf, fromGate(apdu, buf));
            case Proto.INS_REVERSE:
                return purse.reverse(buf, fromGate(apdu, buf));
            case Proto.INS_REDEEM:
                len = fromGate(apdu, buf);
                pins.require();
                return loyalty.redeem(buf, len);
            case Proto.INS_GET_RECEIPT:
                return getReceipt(apdu, buf);
            case Proto.INS_LOAD_TICKET:
                requireActive();
                len = auth.token(buf, receive(apdu, buf), holder.id);
                return tickets.load(buf, len);
            case Proto.INS_READ_TICKET:
                return tickets.read(buf[ISO7816.OFFSET_P1], buf);
            case Proto.INS_TRANSFER_RIDES:
                requireActive();
                pins.require();
                tickets.transfer(buf[ISO7816.OFFSET_P1], buf[ISO7816.OFFSET_P2]);
                return 0;
            case Proto.INS_CHECK_IN:
                return journeys.checkIn(buf, fromGate(apdu, buf));
            case Proto.INS_CHECK_OUT:
                return journeys.checkOut(buf, fromGate(apdu, buf));
            case Proto.INS_JOURNEY_STATUS:
                return journeys.status(buf);
            case Proto.INS_UNBLOCK_PIN:
                fromIssuer(apdu, buf);
                pins.unblockByIssuer();
                return 0;
            case Proto.INS_PUT_KEY:
                requireUsable();
                personalisation.putKey(buf, receive(apdu, buf));
                return 0;
            case Proto.INS_STORE_DATA:
                personalisation.storeData(buf, fromIssuer(apdu, buf));
                return 0;
            case Proto.INS_SET_STATUS:
                fromIssuer(apdu, buf);
                setStatus(buf[ISO7816.OFFSET_P1]);
                return 0;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
                return 0;
        }
    }

    /** GET DATA: each object is free to read but the holder's name, which needs the PIN. */
    private short getData(byte[] buf) {
        short off = (short) 0;
        short tag = Util.getShort(buf, ISO7816.OFFSET_P1);
        switch (tag) {
            case Proto.TAG_VERSION:
                return Tlv.put(buf, off, tag, VERSION, (short) VERSION.length);
            case Proto.TAG_CARD_ID:
                return holder.describeId(buf, off);
            case Proto.TAG_HOLDER:
                pins.require();
                return holder.describeName(buf, off);
            case Proto.TAG_EXPIRY:
                return Tlv.putShort(buf, off, tag, clock.expiry());
            case Proto.TAG_LOYALTY:
                return loyalty.describe(buf, off);
            case Proto.TAG_STATUS:
                return describeStatus(buf);
            case Proto.TAG_KEY_INFO:
                // The length is known only afterwards, so the head is written last.
                short end = keys.describe(buf, (short) 2);
                Tlv.head(buf, off, tag, (short) (end - 2));
                return end;
            default:
                ISOException.throwIt(Proto.SW_NOT_FOUND);
                return 0;
        }
    }

    private short describeStatus(byte[] buf) {
        short off = Tlv.head(buf, (short) 0, Proto.TAG_STATUS, (short) 9);
        buf[off++] = state;
        buf[off++] = pins.pinTries();
        buf[off++] = pins.pukTries();
        buf[off++] = tickets.count();
        buf[off++] = journeys.open() ? (byte) 1 : (byte) 0;
        off = Util.setShort(buf, off, receipts.sequence());
        return Util.setShort(buf, off, purse.lastToken());
    }

    /** GET RECEIPT: P1 is the age, 0 for the newest; P2 = 01 says that a nonce follows. */
    private short getReceipt(APDU apdu, byte[] buf) {
        short age = (short) (buf[ISO7816.OFFSET_P1] & 0xFF);
        short nonce = 0;
        if (buf[ISO7816.OFFSET_P2] == 1) {
            nonce = receive(apdu, buf);
            Proto.expect(nonce, NONCE_LENGTH);
        }
        return receipts.answer(buf, age, nonce);
    }

    /** The issuer blocks, unblocks and ends the card; blank becomes active once complete. */
    private void setStatus(byte next) {
        boolean allowed;
        switch (next) {
            case Proto.STATE_ACTIVE:
                allowed = personalisation.complete();
                break;
            case Proto.STATE_BLOCKED:
                allowed = state == Proto.STATE_ACTIVE;
                break;
            case Proto.STATE_TERMINATED:
                allowed = true;
                break;
            default:
                allowed = false;
        }
        if (!allowed) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        state = next;
        if (next == Proto.STATE_TERMINATED) {
            keys.clear();
        }
    }

    private short fromGate(APDU apdu, byte[] buf) {
        requireActive();
        return auth.command(buf, receive(apdu, buf), KeyStore.GATE);
    }

    private short fromIssuer(APDU apdu, byte[] buf) {
        requireUsable();
        return auth.command(buf, receive(apdu, buf), KeyStore.ISSUER_MAC);
    }

    private void requireActive() {
        if (state != Proto.STATE_ACTIVE) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
    }

    private void requireUsable() {
        if (state == Proto.STATE_TERMINATED) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
    }

    private static void pinReference(byte[] buf) {
        if (buf[ISO7816.OFFSET_P1] != 0 || buf[ISO7816.OFFSET_P2] != P2_PIN) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
    }

    /** Reads all command data; a MAC needs the whole command in the buffer at once. */
    private static short receive(APDU apdu, byte[] buf) {
        short len = (short) (buf[ISO7816.OFFSET_LC] & 0xFF);
        if (len > (short) (buf.length - Proto.DATA)) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        if (len == 0) {
            return len;
        }
        short got = apdu.setIncomingAndReceive();
        while (got < len) {
            got += apdu.receiveBytes((short) (Proto.DATA + got));
        }
        return len;
    }
}

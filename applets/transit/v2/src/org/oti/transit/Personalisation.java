// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/** Fills the card with keys and data, and lets the issuer change them later. */
final class Personalisation {
    private static final short TAG_INITIAL_MAC = (short) 0x0080;
    private static final short TAG_INITIAL_ENC = (short) 0x0081;
    private static final short PUT_KEY_LENGTH =
            (short) (KeyStore.KEY_LENGTH + KeyStore.KCV_LENGTH);

    private final KeyStore keys;
    private final Auth auth;
    private final Tlv tlv;
    private final Holder holder;
    private final Pins pins;
    private final Clock clock;
    private final Purse purse;
    private final Tariff tariff;
    private final Journeys journeys;
    private final Loyalty loyalty;

    Personalisation(KeyStore keys, Auth auth, Holder holder, Pins pins, Clock clock,
            Purse purse, Tariff tariff, Journeys journeys, Loyalty loyalty) {
        this.keys = keys;
        this.auth = auth;
        this.holder = holder;
        this.pins = pins;
        this.clock = clock;
        this.purse = purse;
        this.tariff = tariff;
        this.journeys = journeys;
        this.loyalty = loyalty;
        tlv = new Tlv();
    }

    /**
     * Takes the issuer's two keys from the installation parameters, if they
     * are there: the card manager's secure channel has protected them.
     */
    void installParameters(byte[] params, short off, short len) {
        tlv.open(off, len);
        while (tlv.next(params)) {
            if (tlv.tag() == TAG_INITIAL_MAC) {
                keys.putInitial(KeyStore.ISSUER_MAC, params, tlv.value(KeyStore.KEY_LENGTH));
            } else if (tlv.tag() == TAG_INITIAL_ENC) {
                keys.putInitial(KeyStore.ISSUER_ENC, params, tlv.value(KeyStore.KEY_LENGTH));
            }
        }
    }

    boolean complete() {
        return keys.complete() && holder.hasId() && pins.isSet();
    }

    /** PUT KEY: P1 slot, P2 version; the key, its check value and, unless first, a MAC. */
    void putKey(byte[] buf, short len) {
        byte slot = buf[ISO7816.OFFSET_P1];
        byte version = buf[ISO7816.OFFSET_P2];
        if (slot < 0 || slot >= KeyStore.COUNT || version == 0) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        // The first two keys have nothing to be protected with. They come in the clear, in the
        // issuer's own room, and only as long as their slot is empty.
        boolean first = slot <= KeyStore.ISSUER_ENC && !keys.isSet(slot);
        if (!first) {
            len = auth.command(buf, len, KeyStore.ISSUER_MAC);
        }
        Proto.expect(len, PUT_KEY_LENGTH);
        if (!first) {
            keys.decrypt(buf, Proto.DATA);
        }
        keys.put(slot, version, buf, Proto.DATA);
    }

    /** STORE DATA: BER-TLV objects, stored all or none; the issuer's MAC has been checked. */
    void storeData(byte[] buf, short len) {
        tlv.open(Proto.DATA, len);
        // An exception on the way leaves the transaction open, and the runtime rolls it back.
        JCSystem.beginTransaction();
        while (tlv.next(buf)) {
            store(buf);
        }
        JCSystem.commitTransaction();
    }

    private void store(byte[] buf) {
        switch (tlv.tag()) {
            case Proto.TAG_TEMPLATE:
                tlv.enter();
                break;
            case Proto.TAG_CARD_ID:
                holder.setId(buf, tlv.value(Holder.ID_LENGTH));
                break;
            case Proto.TAG_HOLDER:
                holder.setName(buf, tlv.value(), tlv.length());
                break;
            case Proto.TAG_EXPIRY:
                clock.setExpiry(Util.getShort(buf, tlv.value((short) 2)));
                break;
            case Proto.TAG_CLASS:
                holder.setFareClass(buf[tlv.value((short) 1)]);
                break;
            case Proto.TAG_PURSE_LIMITS:
                purse.setLimits(buf, tlv.value(Purse.LIMITS_LENGTH));
                break;
            case Proto.TAG_TARIFF_ROW:
                tariff.setRow(buf, tlv.value((short) (Tariff.ZONES + 1)));
                break;
            case Proto.TAG_JOURNEY_RULES:
                journeys.setRules(buf, tlv.value(Journeys.RULES_LENGTH));
                break;
            case Proto.TAG_DAILY_CAP:
                loyalty.setCap(Util.getShort(buf, tlv.value((short) 2)));
                break;
            case Proto.TAG_PIN_BLOCK:
                // PIN and PUK, one block under the encryption key.
                keys.decrypt(buf, tlv.value((short) (2 * Pins.LENGTH)));
                pins.personalise(buf, tlv.value());
                break;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * The last transactions, kept so that a receipt lost on the way (a card pulled
 * from the gate too early) can be asked for again, signed anew.
 */
final class Receipts {
    // type (1), sequence (2), amount (2), balance (2), stamp (6), detail (2)
    static final short RECORD_LENGTH = (short) 15;
    private static final short TYPE = (short) 0;
    private static final short SEQUENCE = (short) 1;
    private static final short AMOUNT = (short) 3;
    private static final short BALANCE = (short) 5;
    private static final short STAMP = (short) 7;
    private static final short DETAIL = (short) 13;
    private static final short CAPACITY = (short) 6;

    private static final short TAG_RECEIPT = (short) 0x00E1;
    private static final short TAG_RECORD = (short) 0x00C8;
    private static final short TAG_MAC = (short) 0x008E;

    private final byte[] records;
    private final KeyStore keys;
    private final Cmac cmac;
    private final Holder holder;
    private short sequence;

    Receipts(KeyStore keys, Cmac cmac, Holder holder) {
        this.keys = keys;
        this.cmac = cmac;
        this.holder = holder;
        records = new byte[(short) (CAPACITY * RECORD_LENGTH)];
    }

    short sequence() {
        return sequence;
    }

    /** Called inside the transaction that moves the money. */
    void write(byte type, short amount, short balance, byte[] buf, short stamp, short detail) {
        // After 32767 transactions the card is worn out and refuses more; numbers never repeat.
        if (sequence == (short) 0x7FFF) {
            ISOException.throwIt(ISO7816.SW_FILE_FULL);
        }
        sequence++;
        short at = position((short) 0);
        records[at] = type;
        Util.setShort(records, (short) (at + SEQUENCE), sequence);
        Util.setShort(records, (short) (at + AMOUNT), amount);
        Util.setShort(records, (short) (at + BALANCE), balance);
        Util.arrayCopy(buf, stamp, records, (short) (at + STAMP), Clock.STAMP_LENGTH);
        Util.setShort(records, (short) (at + DETAIL), detail);
    }

    /** Whether the newest transaction is of this type and came from this terminal. */
    boolean lastIs(byte type, short terminal) {
        if (sequence == 0) {
            return false;
        }
        short at = position((short) 0);
        return records[(short) (at + TYPE)] == type
                && Util.getShort(records, (short) (at + STAMP)) == terminal;
    }

    short lastAmount() {
        return Util.getShort(records, (short) (position((short) 0) + AMOUNT));
    }

    /** Signed receipt of the newest transaction. */
    short answer(byte[] buf) {
        cmac.init(keys.get(KeyStore.RECEIPT));
        return build(buf, (short) 0);
    }

    /** Signed receipt of an older one; the nonce, where there is one, is signed with it. */
    short answer(byte[] buf, short age, short nonceLength) {
        if (age < 0 || age >= CAPACITY || age >= sequence) {
            ISOException.throwIt(ISO7816.SW_RECORD_NOT_FOUND);
        }
        cmac.init(keys.get(KeyStore.RECEIPT));
        // The answer overwrites the nonce, so it goes into the MAC first.
        cmac.update(buf, Proto.DATA, nonceLength);
        return build(buf, age);
    }

    private short build(byte[] buf, short age) {
        short inner = (short) (2 + Holder.ID_LENGTH + 2 + RECORD_LENGTH + 2 + Cmac.MAC_LENGTH);
        short at = Tlv.head(buf, (short) 0, TAG_RECEIPT, inner);
        at = Tlv.put(buf, at, Proto.TAG_CARD_ID, holder.id, Holder.ID_LENGTH);
        at = Tlv.head(buf, at, TAG_RECORD, RECORD_LENGTH);
        at = Util.arrayCopyNonAtomic(records, position(age), buf, at, RECORD_LENGTH);
        cmac.update(buf, (short) 0, at);
        at = Tlv.head(buf, at, TAG_MAC, Cmac.MAC_LENGTH);
        cmac.sign(buf, at);
        return (short) (at + Cmac.MAC_LENGTH);
    }

    private short position(short age) {
        return (short) ((short) ((short) (sequence - age) % CAPACITY) * RECORD_LENGTH);
    }
}

// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;

/** Every number a terminal has to know: instructions, tags, status words, states. */
final class Proto {
    static final byte CLA_ISO = (byte) 0x00;
    static final byte CLA_TRANSIT = (byte) 0x80;

    // ISO 7816-4 instructions, CLA 00
    static final byte INS_VERIFY = (byte) 0x20;
    static final byte INS_CHANGE_PIN = (byte) 0x24;
    static final byte INS_RESET_RETRY = (byte) 0x2C;
    static final byte INS_GET_CHALLENGE = (byte) 0x84;
    static final byte INS_READ_RECORD = (byte) 0xB2;
    static final byte INS_GET_DATA = (byte) 0xCA;

    // Own instructions, CLA 80
    static final byte INS_UNBLOCK_PIN = (byte) 0x2E;
    static final byte INS_GET_BALANCE = (byte) 0x50;
    static final byte INS_CREDIT = (byte) 0x52;
    static final byte INS_DEBIT = (byte) 0x54;
    static final byte INS_REVERSE = (byte) 0x56;
    static final byte INS_GET_RECEIPT = (byte) 0x5A;
    static final byte INS_LOAD_TICKET = (byte) 0x60;
    static final byte INS_READ_TICKET = (byte) 0x62;
    static final byte INS_CHECK_IN = (byte) 0x70;
    static final byte INS_CHECK_OUT = (byte) 0x72;
    static final byte INS_JOURNEY_STATUS = (byte) 0x74;
    static final byte INS_PUT_KEY = (byte) 0xD8;
    static final byte INS_STORE_DATA = (byte) 0xE2;
    static final byte INS_SET_STATUS = (byte) 0xF0;

    // Life cycle; each step sets one more bit, so a torn write cannot look like a step back
    static final byte STATE_BLANK = (byte) 0x01;
    static final byte STATE_ACTIVE = (byte) 0x07;
    static final byte STATE_BLOCKED = (byte) 0x0F;
    static final byte STATE_TERMINATED = (byte) 0x7F;

    // Data objects of GET DATA (P1 P2) and of STORE DATA
    static final short TAG_VERSION = (short) 0x0042;
    static final short TAG_CARD_ID = (short) 0x005A;
    static final short TAG_HOLDER = (short) 0x5F20;
    static final short TAG_EXPIRY = (short) 0x5F24;
    static final short TAG_CLASS = (short) 0x00C0;
    static final short TAG_PURSE_LIMITS = (short) 0x00C1;
    static final short TAG_TARIFF_ROW = (short) 0x00C4;
    static final short TAG_JOURNEY_RULES = (short) 0x00C5;
    static final short TAG_STATUS = (short) 0x00D0;
    static final short TAG_KEY_INFO = (short) 0x00D1;
    static final short TAG_TEMPLATE = (short) 0x00E0;
    static final short TAG_PIN_BLOCK = (short) 0xDF10;

    // Transaction types, as written in receipts and the journey log
    static final byte TX_CREDIT = (byte) 0x01;
    static final byte TX_DEBIT = (byte) 0x02;
    static final byte TX_REVERSAL = (byte) 0x03;
    static final byte TX_TICKET = (byte) 0x04;
    static final byte TX_JOURNEY = (byte) 0x11;
    static final byte TX_MISSED_EXIT = (byte) 0x12;
    static final byte TX_OVERTIME = (byte) 0x13;

    // Status words beyond those of ISO7816
    static final short SW_PIN_TRIES = (short) 0x63C0;
    static final short SW_BLOCKED = (short) 0x6983;
    static final short SW_NO_FUNDS = (short) 0x9401;
    static final short SW_BALANCE_FULL = (short) 0x9402;
    static final short SW_OVER_LIMIT = (short) 0x9403;
    static final short SW_TOKEN_USED = (short) 0x9404;
    static final short SW_CLOCK = (short) 0x9405;
    static final short SW_EXPIRED = (short) 0x9406;
    static final short SW_NO_SLOT = (short) 0x9407;
    static final short SW_NOT_FOUND = (short) 0x6A88;

    /** Offset of command data in the APDU buffer. */
    static final short DATA = (short) 5;

    private Proto() {
    }

    /** Refuses a command whose data is not of the one length it can have. */
    static void expect(short len, short wanted) {
        if (len != wanted) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
    }
}

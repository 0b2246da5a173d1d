// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * Reads and writes BER-TLV: tags of one or two bytes, lengths of one byte or
 * the form 81 xx. The reader is a cursor kept in transient memory.
 */
final class Tlv {
    private static final short TAG = (short) 0;
    private static final short LENGTH = (short) 1;
    private static final short VALUE = (short) 2;
    private static final short NEXT = (short) 3;
    private static final short END = (short) 4;
    private static final short FIELDS = (short) 5;

    private final short[] cursor;

    Tlv() {
        cursor = JCSystem.makeTransientShortArray(FIELDS, JCSystem.CLEAR_ON_DESELECT);
    }

    void open(short off, short len) {
        cursor[NEXT] = off;
        cursor[END] = (short) (off + len);
    }

    /** Moves to the next object; false when the data is used up. */
    boolean next(byte[] buf) {
        short at = cursor[NEXT];
        short end = cursor[END];
        if (at >= end) {
            return false;
        }
        short tag = (short) (buf[at++] & 0xFF);
        // The five low bits all set: the tag has a second byte.
        if ((tag & 0x1F) == 0x1F) {
            need(at, end);
            tag = Util.makeShort((byte) tag, buf[at++]);
        }
        need(at, end);
        short length = (short) (buf[at++] & 0xFF);
        if (length == 0x81) {
            need(at, end);
            length = (short) (buf[at++] & 0xFF);
        } else if (length > 0x7F) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        if (length > (short) (end - at)) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        cursor[TAG] = tag;
        cursor[LENGTH] = length;
        cursor[VALUE] = at;
        cursor[NEXT] = (short) (at + length);
        return true;
    }

    /** Steps into the current object, which must be the last: the cursor has one end only. */
    void enter() {
        if (cursor[NEXT] != cursor[END]) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        cursor[NEXT] = cursor[VALUE];
    }

    short tag() {
        return cursor[TAG];
    }

    short length() {
        return cursor[LENGTH];
    }

    short value() {
        return cursor[VALUE];
    }

    /** The value's offset, once its length is known to be the one expected. */
    short value(short expected) {
        if (cursor[LENGTH] != expected) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        return cursor[VALUE];
    }

    /** Writes tag and length; returns where the value goes. */
    static short head(byte[] buf, short off, short tag, short len) {
        if ((short) (tag & (short) 0xFF00) != 0) {
            buf[off++] = (byte) (tag >> 8);
        }
        buf[off++] = (byte) tag;
        buf[off++] = (byte) len;
        return off;
    }

    static short put(byte[] buf, short off, short tag, byte[] src, short len) {
        off = head(buf, off, tag, len);
        return Util.arrayCopyNonAtomic(src, (short) 0, buf, off, len);
    }

    static short putShort(byte[] buf, short off, short tag, short value) {
        return Util.setShort(buf, head(buf, off, tag, (short) 2), value);
    }

    private static void need(short at, short end) {
        if (at >= end) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
    }
}

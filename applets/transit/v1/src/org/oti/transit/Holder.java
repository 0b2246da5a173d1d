// SPDX-License-Identifier: Apache-2.0
package org.oti.transit;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** Who the card belongs to: its number, the holder's name and fare class. */
final class Holder {
    static final short ID_LENGTH = (short) 8;
    private static final short NAME_CAPACITY = (short) 26;

    final byte[] id;
    private final byte[] name;
    private short nameLength;
    private byte fareClass;
    private boolean hasId;

    Holder() {
        id = new byte[ID_LENGTH];
        name = new byte[NAME_CAPACITY];
    }

    boolean hasId() {
        return hasId;
    }

    byte fareClass() {
        return fareClass;
    }

    /** The number is part of every token and receipt, so it is set once and never changes. */
    void setId(byte[] buf, short off) {
        if (hasId) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        Util.arrayCopy(buf, off, id, (short) 0, ID_LENGTH);
        hasId = true;
    }

    void setName(byte[] buf, short off, short len) {
        if (len > NAME_CAPACITY) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        Util.arrayCopy(buf, off, name, (short) 0, len);
        nameLength = len;
    }

    void setFareClass(byte value) {
        if (value < 0 || value >= Tariff.CLASSES) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        fareClass = value;
    }

    short describeId(byte[] buf, short off) {
        if (!hasId) {
            ISOException.throwIt(Proto.SW_NOT_FOUND);
        }
        return Tlv.put(buf, off, Proto.TAG_CARD_ID, id, ID_LENGTH);
    }

    short describeName(byte[] buf, short off) {
        off = Tlv.put(buf, off, Proto.TAG_HOLDER, name, nameLength);
        off = Tlv.head(buf, off, Proto.TAG_CLASS, (short) 1);
        buf[off++] = fareClass;
        return off;
    }
}

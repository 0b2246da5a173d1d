// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.support;

import javacard.framework.APDUException;
import javacard.framework.CardException;
import javacard.framework.CardRuntimeException;
import javacard.framework.ISOException;
import javacard.framework.PINException;
import javacard.framework.SystemException;
import javacard.framework.TransactionException;
import javacard.framework.UserException;
import javacard.security.CryptoException;

/** Numbers for the classes of exceptions. */
public final class Thrown {
    private Thrown() {
    }

    /** 0 for what is none of the kit's. */
    public static byte number(Throwable thrown) {
        if (thrown instanceof CardRuntimeException) {
            return thrown instanceof APDUException ? (byte) 0x11
                    : thrown instanceof CryptoException ? (byte) 0x12
                    : thrown instanceof ISOException ? (byte) 0x13
                    : thrown instanceof PINException ? (byte) 0x14
                    : thrown instanceof SystemException ? (byte) 0x15
                    : thrown instanceof TransactionException ? (byte) 0x16 : (byte) 0x10;
        }
        if (thrown instanceof CardException) {
            return thrown instanceof UserException ? (byte) 0x21 : (byte) 0x20;
        }
        return thrown instanceof ArithmeticException ? (byte) 0x01
                : thrown instanceof ArrayIndexOutOfBoundsException ? (byte) 0x02
                : thrown instanceof ArrayStoreException ? (byte) 0x03
                : thrown instanceof ClassCastException ? (byte) 0x04
                : thrown instanceof NegativeArraySizeException ? (byte) 0x05
                : thrown instanceof NullPointerException ? (byte) 0x06
                : thrown instanceof SecurityException ? (byte) 0x07
                : thrown instanceof IndexOutOfBoundsException ? (byte) 0x08 : (byte) 0;
    }

    /** 0 for an exception without one. */
    public static short reason(Throwable thrown) {
        if (thrown instanceof CardRuntimeException) {
            return ((CardRuntimeException) thrown).getReason();
        }
        return thrown instanceof CardException ? ((CardException) thrown).getReason() : (short) 0;
    }
}

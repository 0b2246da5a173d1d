// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.shelf;

import javacard.framework.Shareable;
import javacard.framework.UserException;

/** What the server shares. */
public interface Service extends Shareable {
    short add(short a, short b);

    /** Length of the AID of the client, and 16 times how deep this call is in contexts. */
    byte client(byte[] buffer, short offset);

    /** Reads an array of the client's, which may not be. */
    byte first(byte[] array);

    void fill(byte[] buffer, short offset, byte value);

    /** An object of the server's that is not shared. */
    Object secret();

    short fail(byte kind) throws UserException;

    /** Whether transient memory can be read (0), had (1), for each event. */
    short transientMemory(byte kind);

    /** Another shareable object, by the reference of this one. */
    Service another();

    /** Calls back. */
    short back(Service client, short value);

    short transaction(byte kind);

    byte environment();
}

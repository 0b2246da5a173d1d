// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.shelf;

/** An object with members of all kinds, of the context of who made it. */
public class Thing {
    public short number = 0x0777;
    public byte small = 7;
    public Object reference;

    public short method() {
        return number;
    }
}

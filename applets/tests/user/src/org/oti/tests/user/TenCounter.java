// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.user;

import org.oti.tests.library.Counter;
import org.oti.tests.library.Tally;

/** Overrides a method of the library, which calls it, and implements its interface. */
final class TenCounter extends Counter implements Tally {
    TenCounter() {
        super((short) 100);
    }

    protected short step() {
        return 10;
    }

    public short add(short amount) {
        count += amount;
        return count;
    }
}

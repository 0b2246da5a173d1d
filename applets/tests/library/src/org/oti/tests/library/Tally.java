// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.library;

import javacard.framework.Shareable;

/** What an applet may share with others: a sum that they add to. */
public interface Tally extends Shareable {
    /** Adds, and returns the sum. */
    short add(short amount);
}

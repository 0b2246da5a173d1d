// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.shelf;

/** Where one applet leaves references that others find: static fields belong to no context. */
public final class Shelf {
    public static byte[] bytes;
    public static short[] shorts;
    public static Object[] references;
    public static Thing thing;
    public static Service shared;
    public static RuntimeException exception;
    public static short number = 0x0123;

    private Shelf() {
    }

    public static short count() {
        return ++number;
    }
}

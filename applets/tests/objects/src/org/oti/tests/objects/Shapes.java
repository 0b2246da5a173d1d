// SPDX-License-Identifier: Apache-2.0
package org.oti.tests.objects;

interface Named {
    byte NAME = 7;

    byte name();
}

interface Scaled extends Named {
    short scale(short by);
}

abstract class Shape {
    static short made;

    protected short side;

    Shape(short side) {
        this.side = side;
        made++;
    }

    abstract short area();

    short twice() {
        return (short) (2 * area());
    }

    /** Not known to other packages. */
    short hidden() {
        return 0x11;
    }

    private short own() {
        return 0x21;
    }

    short callOwn() {
        return own();
    }

    static short kind() {
        return 0x31;
    }
}

class Square extends Shape implements Scaled {
    Square(short side) {
        super(side);
    }

    short area() {
        return (short) (side * side);
    }

    short hidden() {
        return (short) (super.hidden() + 1);
    }

    private short own() {
        return 0x22;
    }

    static short kind() {
        return 0x32;
    }

    public byte name() {
        return 'S';
    }

    public short scale(short by) {
        return (short) (side * by);
    }
}

final class Cube extends Square {
    /** Hides the field of the same name. */
    protected short side = 100;

    Cube(short side) {
        super(side);
    }

    short area() {
        return (short) (6 * super.area());
    }

    short hidden() {
        return (short) (super.hidden() + 1);
    }

    public byte name() {
        return 'C';
    }

    short sides() {
        return (short) (side + ((Shape) this).side);
    }
}

final class Circle extends Shape implements Named {
    Circle(short radius) {
        super(radius);
    }

    short area() {
        return (short) (3 * side * side);
    }

    public byte name() {
        return (byte) (NAME + 'c');
    }
}

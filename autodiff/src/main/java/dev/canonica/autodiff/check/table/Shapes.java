package dev.canonica.autodiff.check.table;

import dev.canonica.tensor.Shape;
import java.util.List;

/** Shapes that primitives are sampled at: no size is a multiple of anything, and every list has empty axes and axes of size 1. */
final class Shapes {
    /** For one input, taken element by element. */
    static final List<Shape[]> ELEMENTWISE = List.of(
            of(s()), of(s(1)), of(s(7)), of(s(17)), of(s(33)), of(s(5, 13)), of(s(1, 1, 3)), of(s(0)), of(s(2, 0, 3)));

    /** For two inputs that broadcast, either to the other or both to a third shape; with first axes as long as a block of directions. */
    static final List<Shape[]> PAIRS = List.of(
            of(s(), s()),
            of(s(17), s(17)),
            of(s(33), s()),
            of(s(), s(7)),
            of(s(1), s(5)),
            of(s(5), s(5, 5)),
            of(s(2, 3, 33), s(33)),
            of(s(7), s(3, 1, 7)),
            of(s(3, 1), s(1, 5)),
            of(s(2, 1, 7), s(5, 1)),
            of(s(4, 1, 1), s(1, 17)),
            of(s(1, 1), s(7)),
            of(s(0), s(1)),
            of(s(3, 1), s(0)),
            of(s(2, 0, 3), s(3)));

    /** For three inputs that broadcast. */
    static final List<Shape[]> TRIPLES = List.of(
            of(s(), s(), s()),
            of(s(17), s(17), s(17)),
            of(s(2, 5, 33), s(33), s(33)),
            of(s(2, 7, 5), s(2, 1, 5), s(2, 1, 5)),
            of(s(5, 7), s(5, 1), s(7)),
            of(s(3, 1, 4), s(4), s(3, 7, 1)),
            of(s(1), s(), s(1, 1)),
            of(s(), s(5), s(2, 1)),
            of(s(1, 3), s(3), s(7, 3)),
            of(s(1, 0), s(1, 0), s(3, 0)),
            of(s(0, 3), s(3), s(1)));

    /** For functions of the rows along the last axis, which may have one element or none. */
    static final List<Shape[]> ROWS = List.of(
            of(s(1)),
            of(s(7)),
            of(s(3, 17)),
            of(s(33)),
            of(s(5, 2, 3)),
            of(s(4, 1)),
            of(s(2, 65)),
            of(s(0, 5)),
            of(s(3, 0)));

    private Shapes() {}

    static Shape s(int... extents) {
        return Shape.of(extents);
    }

    private static Shape[] of(Shape... shapes) {
        return shapes;
    }
}

package dev.canonica.tensor.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Copies along a {@link Walk} of source and destination, for elements of any type: only their size matters. */
public final class StridedCopy {
    private static final MemorySegment ALL = NativeMemory.ALL;

    private StridedCopy() {}

    /** y = x for elements of {@code bytes} bytes. */
    public static void run(int bytes, Walk walk, long x, long y) {
        long n = walk.inner();
        long sx = walk.innerStride(0);
        long sy = walk.innerStride(1);
        boolean runs = sx == 1 && sy == 1;
        Split.rows(walk.outer(), n, (from, to) -> {
            for (long o = from; o < to; o++) {
                long ax = x + bytes * walk.offset(0, o);
                long ay = y + bytes * walk.offset(1, o);
                if (runs) {
                    MemorySegment.copy(ALL, ax, ALL, ay, bytes * n);
                } else {
                    elements(bytes, n, ax, bytes * sx, ay, bytes * sy);
                }
            }
        });
    }

    private static void elements(int bytes, long n, long x, long sx, long y, long sy) {
        switch (bytes) {
            case 1 -> {
                for (long i = 0; i < n; i++) {
                    ALL.set(JAVA_BYTE, y + i * sy, ALL.get(JAVA_BYTE, x + i * sx));
                }
            }
            case 2 -> {
                for (long i = 0; i < n; i++) {
                    ALL.set(JAVA_SHORT_UNALIGNED, y + i * sy, ALL.get(JAVA_SHORT_UNALIGNED, x + i * sx));
                }
            }
            case 4 -> {
                for (long i = 0; i < n; i++) {
                    ALL.set(JAVA_INT_UNALIGNED, y + i * sy, ALL.get(JAVA_INT_UNALIGNED, x + i * sx));
                }
            }
            case 8 -> {
                for (long i = 0; i < n; i++) {
                    ALL.set(JAVA_LONG_UNALIGNED, y + i * sy, ALL.get(JAVA_LONG_UNALIGNED, x + i * sx));
                }
            }
            default -> throw new IllegalArgumentException("copy: elements of " + bytes + " bytes");
        }
    }
}

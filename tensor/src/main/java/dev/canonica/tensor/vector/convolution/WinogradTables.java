package dev.canonica.tensor.vector.convolution;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The tables of lanes by which the code of {@link Winograd}'s maps permutes vectors; the constants are their distances in bytes. */
final class WinogradTables {
    static final int EVEN = 0;
    static final int ODD = 64;
    static final int LOW = 128;
    static final int HIGH = 192;
    static final int HALF = 256;
    static final int UPPER_ROWS = 320; // of planes: of a tile's two rows
    static final int LOWER_ROWS = 384;
    static final int FROM_LEFT = 448; // of planes: from a neighbouring tile
    static final int FROM_RIGHT = 512;
    static final int FROM_ABOVE = 576;
    static final int FROM_BELOW = 640;
    static final int FIRST_ROWS = 704; // of planes: what undoes UPPER_ROWS and LOWER_ROWS
    static final int LAST_ROWS = 768;
    private static final int BYTES = 832;

    /** For planes of 8 × 8, then for those of 4 × 4. */
    private static final MemorySegment TABLES = tables();

    private WinogradTables() {}

    /** The address of those for planes with so many tiles in a row, 4 or 2. */
    static long address(int across) {
        return TABLES.address() + (across == 4 ? 0 : BYTES);
    }

    private static MemorySegment tables() {
        MemorySegment t = Arena.ofAuto().allocate(2 * BYTES, 64);
        fillTables(t.asSlice(0, BYTES), 4);
        fillTables(t.asSlice(BYTES), 2);
        return t;
    }

    /** Tables for planes with so many tiles in a row. */
    private static void fillTables(MemorySegment t, int across) {
        fill(t, EVEN, IntStream.range(0, 16).map(i -> 2 * i));
        fill(t, ODD, IntStream.range(0, 16).map(i -> 2 * i + 1));
        fill(t, LOW, IntStream.range(0, 16).map(i -> i / 2 + 16 * (i % 2)));
        fill(t, HIGH, IntStream.range(0, 16).map(i -> 8 + i / 2 + 16 * (i % 2)));
        t.set(ValueLayout.JAVA_FLOAT, HALF, 0.5f);
        // Lanes are tiles. Every other column of the planes' rows, one row after the other, is 2 · 16 elements, of
        // which a row of tiles takes two rows.
        fill(t, UPPER_ROWS, IntStream.range(0, 16).map(i -> i + i / across * across));
        fill(t, LOWER_ROWS, IntStream.range(0, 16).map(i -> i + i / across * across + across));
        fill(t, FROM_LEFT, IntStream.range(0, 16).map(i -> i % across == 0 ? 16 : i - 1)); // 16 is 0
        fill(t, FROM_RIGHT, IntStream.range(0, 16).map(i -> i % across == across - 1 ? 16 : i + 1));
        fill(t, FROM_ABOVE, IntStream.range(0, 16).map(i -> i / across % across == 0 ? 16 : i - across));
        fill(t, FROM_BELOW, IntStream.range(0, 16).map(i -> i / across % across == across - 1 ? 16 : i + across));
        IntStream undone =
                IntStream.range(0, 32).map(e -> e / (2 * across) * across + e % across + e / across % 2 * 16);
        int[] rows = undone.toArray();
        fill(t, FIRST_ROWS, Arrays.stream(rows, 0, 16));
        fill(t, LAST_ROWS, Arrays.stream(rows, 16, 32));
    }

    private static void fill(MemorySegment t, int at, IntStream values) {
        MemorySegment.copy(MemorySegment.ofArray(values.toArray()), 0, t, at, 64);
    }
}

package dev.canonica.tensor.vector.convolution;

import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.memory.PerThread;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What a function of {@link WinogradImages}, {@link WinogradOutputs} or {@link WinogradFilters} is told, in native memory of the thread. */
final class WinogradCall {
    private static final PerThread<WinogradCall> OWN = new PerThread<>(WinogradCall::new);

    // The layout: where code finds what it is told, in bytes from the address. Places and steps: see placeAt and
    // stepAt.
    private static final int PLACES = 0;
    private static final int STEPS = 32;
    static final int MATRICES = 64;
    static final int STEP = 72; // of the matrices, to the next channel
    static final int NEXT = 80; // to the next matrix
    static final int CHANNELS = 88;
    private static final int MASKS = 96;
    static final int TABLE = 112;
    private static final int MORE = 128; // from place 4 on, each beside its step
    private static final int ZEROS = 192;
    private static final int SINK = 448;
    private static final int VECTORS = 256; // bytes of zeros, and of the sink
    private static final int BYTES = SINK + VECTORS;

    private final MemorySegment memory = Arena.ofAuto().allocate(BYTES, 64);
    private final long address = memory.address();

    /**
     * The sixteen matrices.
     *
     * @param first the address of the first channel and tile of the first
     * @param step bytes from one channel to the next
     * @param next bytes from one matrix to the next
     */
    record Matrices(long first, long step, long next) {
        /** From a tile on. */
        Matrices from(int tile) {
            return new Matrices(first + 4L * tile, step, next);
        }
    }

    private WinogradCall() {
        across(4);
    }

    static WinogradCall own() {
        return OWN.get();
    }

    /** The address of 256 bytes of zeros. */
    long zeros() {
        return address + ZEROS;
    }

    /** The address of 256 bytes that nobody reads. */
    long sink() {
        return address + SINK;
    }

    /** Where place i is. */
    static int placeAt(int i) {
        return i < 4 ? PLACES + 8 * i : MORE + 16 * (i - 4);
    }

    /** Where the step of place i is. */
    static int stepAt(int i) {
        return i < 4 ? STEPS + 8 * i : MORE + 16 * (i - 4) + 8;
    }

    /** Where mask i is. */
    static int maskAt(int i) {
        return MASKS + 2 * i;
    }

    /** Place i, 0 to 5, and the bytes from there to the next channel's. */
    WinogradCall place(int i, long place, long step) {
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + placeAt(i), place);
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + stepAt(i), step);
        return this;
    }

    /** How many tiles are in a row of a plane, where planes are taken whole: 4 or 2. */
    WinogradCall across(int tiles) {
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + TABLE, WinogradTables.address(tiles));
        return this;
    }

    WinogradCall matrices(Matrices m) {
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + MATRICES, m.first);
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + STEP, m.step);
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + NEXT, m.next);
        return this;
    }

    /** Mask i, 0 to 4, of lanes [from, to), which may lie outside a vector. */
    WinogradCall mask(int i, int from, int to) {
        int f = Math.clamp(from, 0, 16);
        int t = Math.clamp(to, f, 16);
        short bits = (short) ((1 << t) - (1 << f));
        NativeMemory.ALL.set(ValueLayout.JAVA_SHORT, address + maskAt(i), bits);
        return this;
    }

    /** Does the work for so many channels. */
    void run(long entry, int channels) {
        if (channels > 0) {
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + CHANNELS, (long) channels);
            EmittedCode.call(entry, address, 0, 0, 0);
        }
    }
}

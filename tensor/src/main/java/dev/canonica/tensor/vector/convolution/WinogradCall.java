package dev.canonica.tensor.vector.convolution;

import dev.canonica.tensor.NativeMemory;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What a function of {@link WinogradImages}, {@link WinogradOutputs} or {@link WinogradFilters} is told, in native memory of the thread. */
final class WinogradCall {
    private static final ThreadLocal<WinogradCall> OWN = ThreadLocal.withInitial(WinogradCall::new);

    static final int MASKS = 96;
    static final int TABLE = 112;
    static final int MORE = 128;
    private static final int ZEROS = 192;
    private static final int SINK = 448;

    private final MemorySegment memory = Arena.ofAuto().allocate(SINK + 256, 64);
    private final long address = memory.address();

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

    /** Place i, 0 to 5, and the bytes from there to the next channel's. */
    WinogradCall place(int i, long place, long step) {
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + (i < 4 ? 8 * i : MORE + 16 * (i - 4)), place);
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + (i < 4 ? 32 + 8 * i : MORE + 16 * (i - 4) + 8), step);
        return this;
    }

    /** How many tiles are in a row of a plane, where planes are taken whole: 4 or 2. */
    WinogradCall across(int tiles) {
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + TABLE, WinogradTables.address(tiles));
        return this;
    }

    /** The first of the sixteen matrices, the bytes to the next channel and to the next matrix. */
    WinogradCall matrices(long matrices, long step, long next) {
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 64, matrices);
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 72, step);
        NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 80, next);
        return this;
    }

    /** Mask i, 0 to 4, of lanes [from, to), which may lie outside a vector. */
    WinogradCall mask(int i, int from, int to) {
        int f = Math.clamp(from, 0, 16);
        int t = Math.clamp(to, f, 16);
        short bits = (short) ((1 << t) - (1 << f));
        NativeMemory.ALL.set(ValueLayout.JAVA_SHORT, address + MASKS + 2 * i, bits);
        return this;
    }

    /** Does the work for so many channels. */
    void run(long entry, int channels) {
        if (channels > 0) {
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 88, (long) channels);
            EmittedCode.call(entry, address, 0, 0, 0);
        }
    }
}

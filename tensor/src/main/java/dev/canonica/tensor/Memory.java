package dev.canonica.tensor;

import java.lang.management.ManagementFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The pool that the tensors of a device live in: blocks outside of the heap, 64-byte aligned, kept in size classes and reused.
 *
 * <p>Callers never have to free anything. A block returns when its tensor is closed, when the {@link Scope} that made it ends, or when the
 * collector finds it unreachable: the allocator drains that queue itself, asks for a collection when the living blocks have doubled
 * since the last one, and at its limit gives the cached blocks back, collects and tries again before it fails with
 * {@link OutOfTensorMemoryException}.
 *
 * <p>That of the CPU is limited by the system property {@code canonica.memory} (bytes, or with a suffix k, m or g), by default three quarters of the
 * machine's memory.
 */
final class Memory {
    static final int ALIGNMENT = 64;
    private static final long FIRST_COLLECTION = 1L << 30;
    private static final int CLASSES = 4 * 48;

    private static final MemorySource SYSTEM = new MemorySource() {
        @Override
        public long allocate(long bytes) {
            return NativeMemory.allocate(bytes, ALIGNMENT);
        }

        @Override
        public void free(long address) {
            NativeMemory.free(address);
        }
    };

    private static final Memory GLOBAL = new Memory(configuredLimit());

    private final ReferenceQueue<Storage> unreachable = new ReferenceQueue<>();
    private final Set<Block> blocks = new HashSet<>(); // keeps the phantom references themselves reachable
    private final LongStack[] cached = new LongStack[CLASSES];
    private final MemorySource source;
    private final long limit;
    private final String cure;
    private long live; // bytes in blocks that tensors own
    private long peak; // the greatest value of live
    private long held; // bytes taken from the system: live + cached
    private long nextCollection = FIRST_COLLECTION;

    Memory(long limit) {
        this(SYSTEM, limit, "raise it with -Dcanonica.memory=…");
    }

    Memory(MemorySource source, long limit, String cure) {
        this.source = source;
        this.limit = limit;
        this.cure = cure;
    }

    static Memory global() {
        return GLOBAL;
    }

    /** A block of at least {@code bytes} bytes with undefined content. */
    Storage allocate(long bytes) {
        if (bytes > limit) {
            throw exhausted(bytes); // nothing that could be collected would help
        }
        int sizeClass = sizeClass(bytes);
        long address = take(sizeClass, classBytes(sizeClass), bytes);
        Storage storage = new Storage(this, address, sizeClass);
        synchronized (this) {
            blocks.add(storage.block());
        }
        return storage;
    }

    private long take(int sizeClass, long size, long asked) {
        boolean collect;
        synchronized (this) {
            drain();
            collect = live + size > nextCollection;
        }
        if (collect) {
            collectUntil(size, false);
        }
        long address = tryTake(sizeClass, size);
        if (address == 0) {
            collectUntil(size, true);
            address = tryTake(sizeClass, size);
        }
        if (address == 0) {
            throw exhausted(asked);
        }
        return address;
    }

    private OutOfTensorMemoryException exhausted(long asked) {
        return new OutOfTensorMemoryException("out of tensor memory: asked for %s, held by tensors %s, allowed %s (%s)"
                .formatted(ByteCount.human(asked), ByteCount.human(liveBytes()), ByteCount.human(limit), cure));
    }

    private synchronized long tryTake(int sizeClass, long size) {
        LongStack stack = cached[sizeClass];
        long address = stack == null ? 0 : stack.pop();
        if (address == 0) {
            if (held + size > limit) {
                trim();
            }
            if (held + size > limit) {
                return 0;
            }
            address = source.allocate(size);
            if (address == 0) { // less is left than the limit allows
                trim();
                address = source.allocate(size);
            }
            if (address == 0) {
                return 0;
            }
            held += size;
        }
        live += size;
        peak = Math.max(peak, live);
        return address;
    }

    /** Asks for a collection, and waits for what it finds as long as that is needed to fit {@code size}. */
    private void collectUntil(long size, boolean needed) {
        for (int attempt = 0; attempt < (needed ? 20 : 1); attempt++) {
            System.gc();
            try {
                Thread.sleep(needed ? 10 : 2); // the collector enqueues phantom references a moment after it returns
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            synchronized (this) {
                drain();
                nextCollection = Math.max(FIRST_COLLECTION, 2 * live);
                if (live + size <= limit) {
                    break;
                }
            }
        }
    }

    private synchronized void drain() {
        for (Object r; (r = unreachable.poll()) != null; ) {
            ((Block) r).free();
        }
    }

    /** Gives every cached block back to the system. */
    private void trim() {
        for (int c = 0; c < CLASSES; c++) {
            LongStack stack = cached[c];
            for (long a; stack != null && (a = stack.pop()) != 0; ) {
                source.free(a);
                held -= classBytes(c);
            }
        }
    }

    synchronized long liveBytes() {
        return live;
    }

    synchronized long peakBytes() {
        return peak;
    }

    synchronized void resetPeak() {
        peak = live;
    }

    synchronized long heldBytes() {
        return held;
    }

    long limitBytes() {
        return limit;
    }

    /** Four classes to an octave, from 64 bytes up: at most a quarter of a block is waste. */
    private static int sizeClass(long bytes) {
        if (bytes <= ALIGNMENT) {
            return 0;
        }
        long b = bytes - 1;
        int octave = 63 - Long.numberOfLeadingZeros(b);
        int quarter = (int) (b >>> (octave - 2)) & 3;
        return (octave - 6) * 4 + quarter + 1;
    }

    private static long classBytes(int sizeClass) {
        int octave = 6 + sizeClass / 4;
        long bytes = (1L << octave) + (1L << (octave - 2)) * (sizeClass % 4);
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    private static long configuredLimit() {
        String s = System.getProperty("canonica.memory");
        if (s != null) {
            return parse(s);
        }
        var os = ManagementFactory.getOperatingSystemMXBean();
        long physical =
                os instanceof com.sun.management.OperatingSystemMXBean bean ? bean.getTotalMemorySize() : 4L << 30;
        return physical / 4 * 3;
    }

    static long parse(String text) {
        String s = text.strip().toLowerCase(Locale.ROOT);
        int shift = s.endsWith("g") ? 30 : s.endsWith("m") ? 20 : s.endsWith("k") ? 10 : 0;
        try {
            long n = Long.parseLong(shift == 0 ? s : s.substring(0, s.length() - 1));
            if (n > 0 && n <= Long.MAX_VALUE >> shift) {
                return n << shift;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message below
        }
        throw new IllegalArgumentException("canonica.memory: not a size: '" + text + "' (examples: 512m, 8g)");
    }

    /** The pool's own record of a block; becomes enqueued when its storage is unreachable. */
    static final class Block extends PhantomReference<Storage> {
        private final Memory memory;
        private final long address;
        private final int sizeClass;
        private boolean freed;

        Block(Storage storage, Memory memory, long address, int sizeClass) {
            super(storage, memory.unreachable);
            this.memory = memory;
            this.address = address;
            this.sizeClass = sizeClass;
        }

        long address() {
            return address;
        }

        void free() {
            synchronized (memory) {
                if (freed) {
                    return;
                }
                freed = true;
                clear();
                memory.blocks.remove(this);
                memory.live -= classBytes(sizeClass);
                LongStack stack = memory.cached[sizeClass];
                if (stack == null) {
                    stack = memory.cached[sizeClass] = new LongStack();
                }
                stack.push(address);
            }
        }
    }

    /** A stack of addresses, none of them 0. */
    private static final class LongStack {
        private long[] items = new long[8];
        private int size;

        void push(long item) {
            if (size == items.length) {
                items = Arrays.copyOf(items, 2 * size);
            }
            items[size++] = item;
        }

        long pop() {
            return size == 0 ? 0 : items[--size];
        }
    }
}

package dev.canonica.tensor.memory;

import java.lang.management.ManagementFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The pool that the tensors of a device live in: blocks outside of the heap, 64-byte aligned, kept in size classes and reused.
 *
 * <p>Callers never have to free anything. A block returns when its tensor is closed, when the scope that made it ends, or when the
 * collector finds it unreachable: the allocator drains that queue itself, asks for a collection when the living blocks have doubled
 * since the last one, and at its limit gives the cached blocks back, collects and tries again before it fails.
 *
 * <p>That of the CPU is limited by the system property {@code canonica.memory} (bytes, or with a suffix k, m or g), by default what the
 * Java heap may not take of the machine's memory, or of what its container may use: {@link #defaultLimit}.
 */
public final class Memory {
    static final int ALIGNMENT = 64;
    private static final long FIRST_COLLECTION = 1L << 30;
    static final int CLASSES = 4 * 48;

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

    /** Beside which block the calling thread takes others: {@link Storage#beside}. */
    private static final ScopedValue<Block> BESIDE = ScopedValue.newInstance();

    private final ReferenceQueue<Storage> unreachable = new ReferenceQueue<>();
    private final Set<Block> blocks = new HashSet<>(); // keeps the phantom references themselves reachable
    private final AddressStack[] cached = new AddressStack[CLASSES];
    private final MemorySource source;
    private final long limit;
    private final String cure;
    private final Function<String, ? extends RuntimeException> failure;
    private long live; // bytes in blocks that tensors own
    private long peak; // the greatest value of live
    private long held; // bytes taken from the system: live + cached
    private long nextCollection = FIRST_COLLECTION;

    /**
     * A pool that takes from a source.
     *
     * @param limit bytes that tensors may own
     * @param cure what helps where the limit is reached, for the message
     * @param failure of that message: what is thrown then
     */
    public Memory(MemorySource source, long limit, String cure, Function<String, ? extends RuntimeException> failure) {
        this.source = source;
        this.limit = limit;
        this.cure = cure;
        this.failure = failure;
    }

    /** A pool of the system's memory. */
    static Memory ofSystem(long limit, Function<String, ? extends RuntimeException> failure) {
        return new Memory(SYSTEM, limit, "raise it with -Dcanonica.memory=…", failure);
    }

    /** A pool of the system's memory, limited as the system property says. */
    public static Memory ofSystem(Function<String, ? extends RuntimeException> failure) {
        return ofSystem(configuredLimit(), failure);
    }

    /** A block of at least {@code bytes} bytes with undefined content; from the reserve of whoever records the calling thread's work. */
    public Storage allocate(long bytes) {
        RecordedAllocation.of(bytes);
        Capture capture = Capture.current();
        Storage reserved = capture == null ? null : capture.allocate(this, bytes);
        if (reserved != null) {
            return reserved;
        }
        int sizeClass = sizeClass(bytes);
        Account account = book(sizeClass, bytes);
        try {
            return own(take(sizeClass, bytes), sizeClass, bytes, null, account);
        } catch (RuntimeException e) {
            unbook(account, sizeClass);
            throw e;
        }
    }

    /** What blocks that are taken now are booked to: the account of the current span of work; null if the pool's limit is all that holds. */
    @Nullable
    public Account account() {
        if (BESIDE.isBound() && BESIDE.get().isOf(this)) {
            return BESIDE.get().account;
        }
        Span span = Span.current();
        return span == null ? null : span.account(this);
    }

    /** Books a block to the {@link #account} that holds now, if there is one; fails if that would have too much then, after a collection, too. */
    @Nullable
    Account book(int sizeClass, long asked) {
        Account account = account();
        book(account, sizeClass, asked);
        return account;
    }

    private void book(@Nullable Account account, int sizeClass, long asked) {
        long size = classBytes(sizeClass);
        if (account == null || account.take(size)) {
            return;
        }
        if (asked > account.limit() || !collectUntil(() -> account.take(size), true)) {
            throw exhausted(asked, account.live(), account.limit(), "the limit of this span of work");
        }
    }

    static void unbook(@Nullable Account account, int sizeClass) {
        if (account != null) {
            account.giveBack(classBytes(sizeClass));
        }
    }

    /** The owner of a block that was taken and booked. */
    Storage own(long address, int sizeClass, long bytes, @Nullable Reserve reserve, @Nullable Account account) {
        Storage storage = new Storage(this, address, sizeClass, bytes, reserve, account);
        synchronized (this) {
            blocks.add(storage.block());
        }
        return storage;
    }

    /** Takes a block, which is nobody's yet. */
    long take(int sizeClass, long asked) {
        if (asked > limit) {
            throw exhausted(asked); // nothing that could be collected would help
        }
        long size = classBytes(sizeClass);
        boolean collect;
        synchronized (this) {
            drain();
            collect = live + size > nextCollection;
        }
        if (collect) {
            collectUntil(() -> true, false);
        }
        long address = tryTake(sizeClass, size);
        if (address == 0) {
            collectUntil(() -> live + size <= limit, true);
            address = tryTake(sizeClass, size);
        }
        if (address == 0) {
            throw exhausted(asked);
        }
        return address;
    }

    private RuntimeException exhausted(long asked) {
        return exhausted(asked, liveBytes(), limit, cure);
    }

    private RuntimeException exhausted(long asked, long live, long limit, String cure) {
        return failure.apply("out of tensor memory: asked for %s, held by tensors %s, allowed %s (%s)"
                .formatted(ByteCount.human(asked), ByteCount.human(live), ByteCount.human(limit), cure));
    }

    private synchronized long tryTake(int sizeClass, long size) {
        AddressStack stack = cached[sizeClass];
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

    /**
     * Asks for a collection, and waits for what it finds until there is enough, if that is needed. An interrupt is kept for whoever looks for it: it makes no
     * memory.
     *
     * @param enough asked under this pool's lock
     * @return whether there is enough
     */
    private boolean collectUntil(BooleanSupplier enough, boolean needed) {
        boolean interrupted = Thread.interrupted(); // else no sleep would last
        try {
            for (int attempt = 0; attempt < (needed ? 20 : 1); attempt++) {
                System.gc();
                try {
                    Thread.sleep(needed ? 10 : 2); // the collector enqueues phantom references a moment later
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                synchronized (this) {
                    drain();
                    nextCollection = Math.max(FIRST_COLLECTION, 2 * live);
                    if (enough.getAsBoolean()) {
                        return true;
                    }
                }
            }
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
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
            AddressStack stack = cached[c];
            for (long a; stack != null && (a = stack.pop()) != 0; ) {
                source.free(a);
                held -= classBytes(c);
            }
        }
    }

    /** Takes a block back that nobody owns any more. */
    synchronized void giveBack(int sizeClass, long address) {
        live -= classBytes(sizeClass);
        AddressStack stack = cached[sizeClass];
        if (stack == null) {
            stack = cached[sizeClass] = new AddressStack();
        }
        stack.push(address);
    }

    /** Gives a block to the system that somebody owns. */
    private synchronized void release(int sizeClass, long address) {
        long size = classBytes(sizeClass);
        live -= size;
        held -= size;
        source.free(address);
    }

    /** The bytes in blocks that tensors own now, each counted with all of its size class. */
    public synchronized long liveBytes() {
        return live;
    }

    /** The most that {@link #liveBytes} has given since {@link #resetPeak}, or ever. */
    public synchronized long peakBytes() {
        return peak;
    }

    /** Lets {@link #peakBytes} begin anew with what is owned now. */
    public synchronized void resetPeak() {
        peak = live;
    }

    /** The bytes taken from the system and not given back: those that tensors own, and those kept for the next ones. */
    public synchronized long heldBytes() {
        return held;
    }

    /** The most bytes that may be owned at a time. */
    public long limitBytes() {
        return limit;
    }

    /** Four classes to an octave, from 64 bytes up: at most a quarter of a block is waste. */
    static int sizeClass(long bytes) {
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
        return defaultLimit(physical, Runtime.getRuntime().maxMemory());
    }

    /**
     * What tensors may own beside a Java heap that may grow to so many bytes: what that leaves of the memory of the machine, or of its container, less a sixteenth
     * of it (1 GiB at most) for code, threads and caches; three quarters of all at most. A sixteenth where nothing is left: then the heap is too great for
     * the machine by itself.
     */
    static long defaultLimit(long machine, long heap) {
        long left = machine - heap - Math.min(machine / 16, 1L << 30);
        return Math.max(machine / 16, Math.min(machine / 4 * 3, left));
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
        private final int sizeClass;
        private final long bytes;
        private final @Nullable Reserve reserve;
        private final @Nullable Account account;
        private long address; // 0 while it is put away
        private boolean freed;

        Block(
                Storage storage,
                Memory memory,
                long address,
                int sizeClass,
                long bytes,
                @Nullable Reserve reserve,
                @Nullable Account account) {
            super(storage, memory.unreachable);
            this.memory = memory;
            this.address = address;
            this.sizeClass = sizeClass;
            this.bytes = bytes;
            this.reserve = reserve;
            this.account = account;
        }

        boolean isOf(Memory pool) {
            return memory == pool;
        }

        /** Gives what work gives that books to the account of this block. */
        <T extends @Nullable Object> T beside(Supplier<T> work) {
            return ScopedValue.where(BESIDE, this).call(work::get);
        }

        boolean isOf(Reserve part) {
            return reserve == part;
        }

        boolean isReserved() {
            return reserve != null;
        }

        long address() {
            return address;
        }

        /** The bytes that were asked for. */
        long bytes() {
            return bytes;
        }

        /** Gives the memory to the system, until {@link #bringBack}: in the pool it would wait for a block of its size class, which a packed form need not be. */
        void putAway() {
            synchronized (memory) {
                unbook(account, sizeClass);
                memory.release(sizeClass, address);
                address = 0;
            }
        }

        /** Takes memory again, with undefined content. */
        void bringBack() {
            RecordedAllocation.of(bytes);
            memory.book(account, sizeClass, bytes);
            try {
                address = memory.take(sizeClass, bytes);
            } catch (RuntimeException e) {
                unbook(account, sizeClass);
                throw e;
            }
        }

        void free() {
            synchronized (memory) {
                if (freed) {
                    return;
                }
                freed = true;
                clear();
                memory.blocks.remove(this);
                if (address == 0) {
                    return;
                }
                unbook(account, sizeClass);
                if (reserve == null || !reserve.takesBack(sizeClass, address)) {
                    memory.giveBack(sizeClass, address);
                }
            }
        }
    }
}

package dev.canonica.tensor.memory;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One block of a {@link Memory}. It goes back to the pool when it is closed and nobody uses it any more, or when the collector finds it
 * unreachable. Where its {@link Companion} holds the content in another form, its memory can be {@linkplain #putAway put away}: whoever asks where the block
 * lies then has the content brought back first.
 */
public final class Storage {
    /** Set in {@link #state} once this is closed. */
    private static final int CLOSED = 1;

    /** Set in {@link #state} while only the companion holds the content; the bits above count the users. */
    private static final int AWAY = 2;

    private static final int USER = 4;
    private static final AtomicIntegerFieldUpdater<Storage> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Storage.class, "state");

    private final Memory.Block block;
    private volatile int state;

    private final AtomicInteger version = new AtomicInteger(); // of the content, since it can be written in place
    private volatile boolean reused;
    private volatile @Nullable Companion companion;
    private boolean read; // since the companion last asked
    private volatile @Nullable Bounds bounds;

    /**
     * Between which numbers all integers of a block lie.
     *
     * @param version of the content
     */
    public record Bounds(int version, long least, long greatest) {
        /** Between which the integers of two blocks lie; null if one's are unknown. */
        public static @Nullable Bounds ofBoth(@Nullable Bounds a, @Nullable Bounds b) {
            return a == null || b == null
                    ? null
                    : new Bounds(0, Math.min(a.least, b.least), Math.max(a.greatest, b.greatest));
        }
    }

    Storage(
            Memory memory,
            long address,
            int sizeClass,
            long bytes,
            @Nullable Reserve reserve,
            @Nullable Account account) {
        block = new Memory.Block(this, memory, address, sizeClass, bytes, reserve, account);
    }

    /** The block that something lies in. */
    public static Storage of(Located located) {
        return located.block();
    }

    /** Where in its block something begins, in bytes. */
    public static long startOf(Located located) {
        return located.start();
    }

    Memory.Block block() {
        return block;
    }

    /**
     * Keeps the block from going back, and its content in it, until {@link #unpin}.
     *
     * @return whether it is still there; if not, there is nothing to unpin
     */
    boolean pin() {
        int before = STATE.getAndAdd(this, USER);
        if ((before & CLOSED) != 0) {
            unpin(); // who came while the last user left may have to give the block back
            return false;
        }
        Companion kept = companion;
        if (kept != null) {
            if ((before & AWAY) != 0) {
                fill(kept);
            }
            read = true;
        }
        return true;
    }

    private void fill(Companion kept) {
        try {
            kept.bringBack(this);
        } catch (RuntimeException | Error e) {
            unpin();
            throw e;
        }
    }

    /**
     * As {@link #pin}, for who can do with the companion: content that was put away stays there, else it cannot be put away until {@link #unpin}.
     *
     * @return the address if the content is there, 0 if it is away, −1 if the block is closed
     */
    long hold() {
        int before = STATE.getAndAdd(this, USER);
        if ((before & CLOSED) != 0) {
            unpin();
            return -1;
        }
        return (before & AWAY) != 0 ? 0 : block.address();
    }

    void unpin() {
        if ((STATE.addAndGet(this, -USER) & ~AWAY) == CLOSED) {
            giveBack();
        }
    }

    /** The bytes that were asked for. */
    public long bytes() {
        return block.bytes();
    }

    /** Whether the content is with the companion alone. */
    public boolean isAway() {
        return (state & AWAY) != 0;
    }

    /** Whether anybody has asked where the block lies since this was last asked; {@link #hold} does not count. Under the companion's lock. */
    public boolean wasRead() {
        boolean was = read;
        read = false;
        return was;
    }

    /**
     * Gives the memory back, but not the block: for the companion, under its lock, where it holds the content and the calling thread {@linkplain Addresses#hold
     * holds} the block.
     *
     * @param held of which version the companion holds the content
     * @return whether that was done; not while others use it, nor if it was written to since
     */
    public boolean putAway(int held) {
        if (block.isReserved() || !STATE.compareAndSet(this, USER, USER | AWAY)) {
            return false;
        }
        if (version() != held) { // who comes after the line above waits for the companion's lock
            STATE.getAndUpdate(this, s -> s & ~AWAY);
            return false;
        }
        block.putAway();
        return true;
    }

    /**
     * Takes memory for the content that is away, and has it written there: for the companion, under its lock.
     *
     * @param write the content to an address
     */
    public void bringBack(LongConsumer write) {
        block.bringBack();
        try {
            write.accept(block.address());
        } catch (RuntimeException | Error e) {
            block.putAway();
            throw e;
        }
        STATE.getAndUpdate(this, s -> s & ~AWAY);
    }

    /** Changes whenever the content is written in place. */
    public int version() {
        return version.get();
    }

    /** Says that the content was written in place: what was made of the old content, such as a packed form, is void. */
    public void written() {
        version.incrementAndGet();
    }

    /** Says between which numbers the integers lie that are there now; null if that is unknown. */
    public void bound(@Nullable Bounds known) {
        bounds = known == null ? null : new Bounds(version(), known.least(), known.greatest());
    }

    /** Between which numbers the integers lie that are there now; null if that is unknown. */
    @Nullable
    public Bounds bounds() {
        Bounds known = bounds;
        return known == null || known.version() != version() ? null : known;
    }

    /**
     * Gives what work gives whose blocks are booked to the account of this one, and to whom that account is the one that counts, whoever asks for it: a companion's
     * forms are the owner's of the content.
     */
    public <T extends @Nullable Object> T beside(Supplier<T> work) {
        return block.beside(work);
    }

    boolean isOf(Memory pool) {
        return block.isOf(pool);
    }

    /** Whether this is a block that the reserve keeps for itself. */
    public boolean isOf(Reserve part) {
        return block.isOf(part);
    }

    /** Whether it was closed; its memory may still be held by who was using it then. */
    public boolean isClosed() {
        return (state & CLOSED) != 0;
    }

    /** What is kept beside a block and goes with it, such as another form of its content. */
    public interface Companion {
        /** Gives its memory back; the block is closed. */
        public void close();

        /** Brings the content of the block back, which is in use and was {@linkplain Storage#putAway put away}, unless another thread did. */
        public void bringBack(Storage block);
    }

    /** Says that the content will be read often, so that a companion may pay. */
    public void reused() {
        reused = true;
    }

    /** The companion, made by {@code first} when first asked for; null if the content is not said to be read often, or this is closed. */
    @Nullable
    public Companion companion(Supplier<? extends Companion> first) {
        Companion there = companion;
        return there != null || !reused ? there : companionOf(first);
    }

    private synchronized @Nullable Companion companionOf(Supplier<? extends Companion> first) {
        Companion there = companion;
        if (there == null) {
            there = first.get();
            companion = there;
        }
        return there;
    }

    /** Gives the block back, at once or when its last user is done; a second call does nothing. */
    public void close() {
        if ((STATE.getAndUpdate(this, s -> s | CLOSED) & ~(CLOSED | AWAY)) == 0) {
            giveBack();
        }
    }

    /** Does nothing the second time. */
    private void giveBack() {
        block.free();
        Companion kept = companion;
        if (kept != null) {
            kept.close();
        }
    }
}

package dev.canonica.tensor.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of tensors for as long as kernels use them: the one way to where a tensor's elements lie.
 *
 * <pre>
 *   try (Addresses at = Addresses.open()) {
 *       x.kernels().unary(op, at.of(x), at.of(y), x.size());
 *   }
 * </pre>
 *
 * <p>Until this is closed, the memory of every tensor that was asked for stays where it is and is given to nobody else, whatever other
 * threads close and whatever the collector finds: a tensor that is closed meanwhile gives its memory back when its last user is done. Whoever
 * asks for a tensor that is closed already is refused. Work that a device has only queued comes before that of whoever has the memory next. Belongs to one
 * thread at a time.
 */
public final class Addresses implements AutoCloseable {
    private @Nullable Storage[] pinned = new @Nullable Storage[4];
    private int count;

    private Addresses() {}

    /** With none yet. */
    public static Addresses open() {
        return new Addresses();
    }

    /**
     * The address of a tensor's first element, valid until this is closed.
     *
     * @throws IllegalStateException if the tensor is closed
     */
    public long of(Located t) {
        Storage storage = t.block();
        if (!pin(storage)) {
            throw closed(t);
        }
        Capture.used(storage);
        return storage.block().address() + t.start();
    }

    /**
     * Holds a tensor that was {@linkplain Storage#reused reused} until this is closed, for who may not need its elements, since its companion has them.
     *
     * @return the address of its first element; 0 if they were {@linkplain Storage#putAway put away}
     * @throws IllegalStateException if the tensor is closed
     */
    public long hold(Located t) {
        Storage storage = t.block();
        long address = storage.hold();
        if (address < 0) {
            throw closed(t);
        }
        add(storage);
        Capture.used(storage);
        return address == 0 ? 0 : address + t.start();
    }

    private static IllegalStateException closed(Located t) {
        return new IllegalStateException(
                t.described() + ": used after it was closed, or after the scope that made it ended");
    }

    /** As {@link #of}; 0 for null. */
    public long ofNullable(@Nullable Located t) {
        return t == null ? 0 : of(t);
    }

    /** Holds a block until this is closed; false if it is closed already. */
    public boolean pin(Storage storage) {
        if (!storage.pin()) {
            return false;
        }
        add(storage);
        return true;
    }

    private void add(Storage storage) {
        if (count == pinned.length) {
            pinned = Arrays.copyOf(pinned, 2 * count);
        }
        pinned[count++] = storage;
    }

    /** Ends the use of all of them; a second call does nothing. */
    @Override
    public void close() {
        while (count > 0) {
            Storage storage = pinned[--count];
            pinned[count] = null;
            if (storage != null) {
                storage.unpin();
            }
        }
    }
}

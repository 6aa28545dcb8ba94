package dev.canonica.tensor.memory;

/** What lies in a block of memory from some byte on, so that {@link Addresses} can tell where: known to subclasses and to this package alone. */
public abstract class Located {
    private final Storage block;
    private final long start;

    /** In a block, from byte {@code start} on. */
    protected Located(Storage block, long start) {
        this.block = block;
        this.start = start;
    }

    /** The block. */
    protected final Storage block() {
        return block;
    }

    /** Where this begins in its block, in bytes. */
    protected final long start() {
        return start;
    }

    /** What it is, without its values, for messages. */
    public abstract String described();
}

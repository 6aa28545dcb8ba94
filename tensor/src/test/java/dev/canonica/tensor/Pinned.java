package dev.canonica.tensor;

import dev.canonica.tensor.memory.Addresses;

/** Addresses for tests of kernels, which use them for as long as the tensor is reachable. */
public final class Pinned {
    private Pinned() {}

    /** The address of the first element; the memory then goes back with the tensor alone, when the collector finds that unreachable. */
    public static long at(Tensor t) {
        return Addresses.open().of(t);
    }
}

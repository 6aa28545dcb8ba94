package dev.canonica.cli.option;

import dev.canonica.tensor.DType;

/** The types that can be computed with, as values of {@code --dtype}. */
public enum Precision {
    /** 32 bits, the usual one. */
    F32(DType.F32),
    /** 64 bits, some ten times slower: for checks. */
    F64(DType.F64);

    private final DType dtype;

    Precision(DType dtype) {
        this.dtype = dtype;
    }

    /** The type of the tensors. */
    public DType dtype() {
        return dtype;
    }
}

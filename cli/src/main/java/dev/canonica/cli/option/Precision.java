package dev.canonica.cli.option;

import dev.canonica.tensor.DType;

/** The types that can be computed with, as values of {@code --dtype}. */
public enum Precision {
    F32(DType.F32),
    F64(DType.F64);

    private final DType dtype;

    Precision(DType dtype) {
        this.dtype = dtype;
    }

    public DType dtype() {
        return dtype;
    }
}

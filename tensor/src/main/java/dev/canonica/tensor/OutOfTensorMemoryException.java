package dev.canonica.tensor;

/** Thrown when a tensor does not fit under the memory limit, after unreachable tensors have been collected. */
public final class OutOfTensorMemoryException extends CanonicaException {
    private static final long serialVersionUID = 1L;

    OutOfTensorMemoryException(String message) {
        super(message);
    }
}

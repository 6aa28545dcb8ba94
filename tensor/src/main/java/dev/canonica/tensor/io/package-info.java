/**
 * Tensors in files: NumPy's NPY and NPZ, safetensors, and PyTorch's state dicts. Readers believe nothing that a file says about itself before they have
 * checked it against the file's length: whatever the bytes, the outcome is the tensors or a {@link FormatException}.
 *
 * <p>Begin with {@link Npz} for arrays and with {@link Checkpoint} for weights. Whatever is written goes through {@link AtomicFiles}: a file is whole or
 * not there.
 */
@NullMarked
package dev.canonica.tensor.io;

import org.jspecify.annotations.NullMarked;

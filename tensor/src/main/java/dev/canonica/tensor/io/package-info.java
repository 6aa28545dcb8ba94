/**
 * Tensors in files: NumPy's NPY and NPZ, and safetensors. Readers believe nothing that a file says about itself before they have checked it
 * against the file's length: whatever the bytes, the outcome is the tensors or a {@link dev.canonica.tensor.io.FormatException}.
 */
@NullMarked
package dev.canonica.tensor.io;

import org.jspecify.annotations.NullMarked;

/**
 * Image sets as tensors with labels, and the folders of long runs. Here is what these share: failures, names of files, and tables.
 *
 * <p>Begin with {@link dev.canonica.data.set.ImageSet}, which {@link dev.canonica.data.named.DataSets} opens by name or path, and with
 * {@link dev.canonica.data.run.RunFolder}. Whatever is wrong with data is a {@link DataException}, in one line.
 */
@NullMarked
package dev.canonica.data;

import org.jspecify.annotations.NullMarked;

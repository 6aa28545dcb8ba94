/**
 * Image sets as tensors with labels, and the folders of long runs. Here is what these share: failures, names of files, and
 * tables.
 */
@NullMarked
package dev.canonica.data;

import org.jspecify.annotations.NullMarked;

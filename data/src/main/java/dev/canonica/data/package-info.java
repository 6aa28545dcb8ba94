/**
 * Image sets as tensors with labels: generated scenes, IDX files, folders and zip archives of images.
 */
@NullMarked
package dev.canonica.data;

import org.jspecify.annotations.NullMarked;

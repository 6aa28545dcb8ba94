/**
 * Sets of images: folders, zips and IDX files, parts and views of them, their check and their export.
 *
 * <p>All are {@link ImageSet}s, of one size and in a fixed order, whose images are decoded when they are asked for, from any thread. {@link ImageFolder}
 * reads folders and zips, {@link Idx} MNIST's files, {@link LabelledFolder} what {@link Export} writes; {@link ImageCheck} says before long work which
 * images cannot be read.
 */
@NullMarked
package dev.canonica.data.set;

import org.jspecify.annotations.NullMarked;

/** Sets of images: folders, zips and IDX files, parts and views of them, their check and their export. */
@NullMarked
package dev.canonica.data.set;

import org.jspecify.annotations.NullMarked;

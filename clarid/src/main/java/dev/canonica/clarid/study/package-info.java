/**
 * A study of CLARID on a set of images: extraction batch by batch, the controls that it has to beat, what is measured on all of them, and the
 * report's data.
 */
@NullMarked
package dev.canonica.clarid.study;

import org.jspecify.annotations.NullMarked;

/**
 * A study of CLARID on a set of images: extraction batch by batch, the controls that it has to beat, what is measured on all of them, and the report's
 * data.
 *
 * <p>Begin with {@link Extraction}, which works in a folder and goes on wherever it was stopped, and {@link StudyReport}, which makes the report of it.
 * {@link Control}s change an image as much as the method does, {@link ImageMeasures} judges both, {@link FailureSign} names what went wrong.
 */
@NullMarked
package dev.canonica.clarid.study;

import org.jspecify.annotations.NullMarked;

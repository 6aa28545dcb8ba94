/**
 * What a report is made of: plain records of every number, certificate and warning in it, which know nothing of models or tensors.
 *
 * <p>Begin with {@link ReportData}: {@link About} says what was done, each {@link Item} is an image with its {@link Sample}s and {@link Directions},
 * {@link Table}s and {@link Note}s are about all of them.
 */
@NullMarked
package dev.canonica.clarid.report.data;

import org.jspecify.annotations.NullMarked;

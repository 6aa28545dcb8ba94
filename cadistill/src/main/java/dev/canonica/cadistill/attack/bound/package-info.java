/**
 * What no attack can break: exact distances and certified radii, beside what attacks have broken.
 *
 * <p>{@link LinearDistance} is exact for linear classifiers, {@link Smoothing} bounds any classifier with noise before it; {@link TwoSided} sets both
 * beside an attack's findings, image by image, as {@link Verdict}s.
 */
@NullMarked
package dev.canonica.cadistill.attack.bound;

import org.jspecify.annotations.NullMarked;

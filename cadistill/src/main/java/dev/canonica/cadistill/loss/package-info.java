/**
 * Losses that hold a student's features to a teacher's. All are functions of {@code Var}, differentiated by whatever is variable.
 *
 * <p>{@link FitNet} and {@link AttentionTransfer} compare layers of an image; {@link Rkd}, {@link Cka}, {@link Gram} and {@link Procrustes} compare how
 * a batch's samples lie to each other, so that the two may have different widths.
 */
@NullMarked
package dev.canonica.cadistill.loss;

import org.jspecify.annotations.NullMarked;

/**
 * The CLARID method (arXiv 2506.09955): finds the latent directions that change a diffusion model's features without changing the class, removes them,
 * and decodes what is left, a canonical sample.
 *
 * <p>Begin with {@link CanonicalPipeline}, which takes images and conditions to a {@link CanonicalBatch}, or with {@link CanonicalExtraction} for the
 * same step by step. {@link RandomizedSvd} decomposes any {@link LinearOperator}, such as the Jacobian of a network of one's own, with a certificate;
 * {@link Projection} and {@link Replacement} say what is removed and what takes its place, {@link KChoice} how much.
 */
@NullMarked
package dev.canonica.clarid;

import org.jspecify.annotations.NullMarked;

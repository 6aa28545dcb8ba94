/**
 * The common corruptions of Hendrycks and Dietterich, "Benchmarking neural network robustness to common corruptions and perturbations" (2019,
 * arXiv 1903.12261): fifteen that count and four more, at five severities, with the tables of CIFAR-10-C and of ImageNet-C. Each is a function of image,
 * severity and random fields, and the fields are a function of seed and image.
 *
 * <p>{@link Corruption} lists and applies them, with the parameters of a {@link Table} and the random numbers of {@link Fields}.
 */
@NullMarked
package dev.canonica.data.corruption;

import org.jspecify.annotations.NullMarked;

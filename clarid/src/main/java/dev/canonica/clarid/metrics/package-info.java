/**
 * What the results are measured by: agreement of clusters and labels, nearest neighbours, k-means, angles between subspaces, the elbow of a spectrum,
 * principal components, and the likeness and texture of images inside a mask. Arrays in, numbers out, in double precision: nothing here knows tensors or
 * models.
 *
 * <p>{@link Elbow} chooses how many directions go, {@link Ssim} and {@link Variation} judge images, {@link Nmi}, {@link KMeans}, {@link Knn} and
 * {@link Pca} features, {@link PrincipalAngles} subspaces.
 */
@NullMarked
package dev.canonica.clarid.metrics;

import org.jspecify.annotations.NullMarked;

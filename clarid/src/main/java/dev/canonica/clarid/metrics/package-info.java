/**
 * What the results are measured by: agreement of clusters and labels, nearest neighbours, k-means, angles between
 * subspaces, the elbow of a spectrum, principal components, and the likeness and texture of images inside a mask.
 * Arrays in, numbers out, in double precision: nothing here knows tensors or models.
 */
@NullMarked
package dev.canonica.clarid.metrics;

import org.jspecify.annotations.NullMarked;

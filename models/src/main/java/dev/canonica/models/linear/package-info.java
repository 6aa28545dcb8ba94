/**
 * Linear classifiers of images, for which the least change of an image that changes its class is known exactly: what attacks are checked against.
 *
 * <p>{@link LinearClassifier} is the only type.
 */
@NullMarked
package dev.canonica.models.linear;

import org.jspecify.annotations.NullMarked;

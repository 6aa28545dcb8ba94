/**
 * Settings of the method by measurement: many settings on the same images, beside controls, with intervals; the choice is made on one half of the images and
 * reported on the other.
 */
@NullMarked
package dev.canonica.clarid.sweep;

import org.jspecify.annotations.NullMarked;

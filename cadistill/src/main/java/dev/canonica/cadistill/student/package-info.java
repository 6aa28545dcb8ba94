/** Students: classifiers that learn from images and from what a diffusion model makes of some of them, and their training. */
@NullMarked
package dev.canonica.cadistill.student;

import org.jspecify.annotations.NullMarked;

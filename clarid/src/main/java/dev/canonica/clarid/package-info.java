/**
 * The CLARID method (arXiv 2506.09955): finds the latent directions that change a diffusion model's features without
 * changing the class, removes them, and decodes what is left, a canonical sample.
 */
@NullMarked
package dev.canonica.clarid;

import org.jspecify.annotations.NullMarked;

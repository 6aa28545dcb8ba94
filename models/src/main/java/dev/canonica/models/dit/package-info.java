/** Diffusion transformers (Peebles &amp; Xie 2023, arXiv 2212.09748), written from the paper and the names of the published checkpoints. */
@NullMarked
package dev.canonica.models.dit;

import org.jspecify.annotations.NullMarked;

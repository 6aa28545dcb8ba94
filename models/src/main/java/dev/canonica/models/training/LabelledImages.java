package dev.canonica.models.training;

import dev.canonica.tensor.Tensor;

/**
 * Images and their classes.
 *
 * @param x images [B, C, H, W]
 * @param y classes [B]
 */
public record LabelledImages(Tensor x, Tensor y) {}

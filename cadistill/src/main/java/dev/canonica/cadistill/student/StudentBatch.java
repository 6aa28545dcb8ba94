package dev.canonica.cadistill.student;

import dev.canonica.tensor.Tensor;
import java.util.Optional;

/**
 * What a student learns from in a step.
 *
 * @param step the number of the step, from 0
 * @param x images [B, C, H, W] in [−1, 1]
 * @param y their classes [B]
 * @param mixed the classes of what they were mixed with [B]
 * @param lambda the share of the images themselves; 1 where nothing was mixed
 * @param pairs images with their companions, where there are some
 */
record StudentBatch(long step, Tensor x, Tensor y, Tensor mixed, double lambda, Optional<Pairs> pairs) {
    /**
     * Images with their companions.
     *
     * @param x images [P, C, H, W]
     * @param sample companions [P, C, H, W], changed at random as the images were
     * @param y classes [P]
     * @param feature features [P, …]
     */
    record Pairs(Tensor x, Tensor sample, Tensor y, Tensor feature) {}
}

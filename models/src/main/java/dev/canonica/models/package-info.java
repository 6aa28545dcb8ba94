/**
 * Neural networks and what surrounds them: layers, diffusion models, noise schedules, DDIM sampling and inversion, and
 * readers and writers of checkpoints.
 */
@NullMarked
package dev.canonica.models;

import org.jspecify.annotations.NullMarked;

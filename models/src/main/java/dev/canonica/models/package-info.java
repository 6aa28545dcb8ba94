/**
 * What a neural network is to all others: its parameters and buffers, the names of its layers and what sees them as they are computed, its configuration
 * and its weights as they are read. The networks themselves, how their files are found and what is done with them are in the packages below.
 *
 * <p>Begin with {@link Network} and what extends it: a {@link DenoisingModel} maps x [B, C, H, W], times and a {@link Condition} to what it predicts, a
 * {@link Classifier} images to logits, and both give the output of any layer, up to which alone they are computed.
 * {@link dev.canonica.models.family.ModelDirectory} reads one from its folder. A model that cannot be used is a {@link ModelException}, in one line.
 */
@NullMarked
package dev.canonica.models;

import org.jspecify.annotations.NullMarked;

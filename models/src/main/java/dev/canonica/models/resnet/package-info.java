/**
 * Residual networks that classify images, from torchvision's, timm's and transformers' files.
 *
 * <p>{@link ResNet} is the network, {@link ResNetConfig} its sizes; {@link NamedResNets} knows those that are called by a name.
 */
@NullMarked
package dev.canonica.models.resnet;

import org.jspecify.annotations.NullMarked;

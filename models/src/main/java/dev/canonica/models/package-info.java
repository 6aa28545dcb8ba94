/**
 * What a neural network is to all others: its parameters and buffers, the names of its layers and what sees them as they are computed, its configuration and its
 * weights as they are read. The networks themselves, how their files are found and what is done with them are in the packages below.
 */
@NullMarked
package dev.canonica.models;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.canonica.spark;

import org.jspecify.annotations.NullMarked;

/** Extraction on many machines at a time, by a module that is found at run time. */
@NullMarked
package dev.canonica.clarid.cluster;

import org.jspecify.annotations.NullMarked;

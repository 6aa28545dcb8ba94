/** Extraction, attacks and evaluation on a cluster of Apache Spark. Begin with {@link dev.canonica.spark.CanonicaSpark}. */
@NullMarked
package dev.canonica.spark;

import org.jspecify.annotations.NullMarked;

/** What a report is made of: plain records of every number, certificate and warning in it, which know nothing of models or tensors. */
@NullMarked
package dev.canonica.clarid.report.data;

import org.jspecify.annotations.NullMarked;

/** The audit as a document: what was checked, by which code and test, how large the errors are now, and what was run where. */
@NullMarked
package dev.canonica.cli.audit;

import org.jspecify.annotations.NullMarked;

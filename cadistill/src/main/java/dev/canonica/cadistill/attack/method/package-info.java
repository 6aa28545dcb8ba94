/** The attacks, a file for each, and their names. */
@NullMarked
package dev.canonica.cadistill.attack.method;

import org.jspecify.annotations.NullMarked;

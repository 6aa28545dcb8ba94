/** What no attack can break: exact distances and certified radii, beside what attacks have broken. */
@NullMarked
package dev.canonica.cadistill.attack.bound;

import org.jspecify.annotations.NullMarked;

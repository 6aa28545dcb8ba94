/**
 * Whether what attacks found can be trusted.
 *
 * <p>{@link Verification} looks at adversarial images as if it knew nothing of the attack; {@link SelfChecks} looks for what makes figures of robustness
 * too good, and says so as {@link Finding}s.
 */
@NullMarked
package dev.canonica.cadistill.attack.check;

import org.jspecify.annotations.NullMarked;

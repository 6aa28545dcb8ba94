/**
 * The attacks, a file for each, and their names.
 *
 * <p>{@link Attacks} makes one by its name with {@link AttackSettings}: {@link Fgsm}, {@link Pgd}, {@link Apgd}, {@link ApgdTargeted},
 * {@link FabTargeted} and {@link Square}; {@link AttackSuite} runs several, AutoAttack's sequence among them.
 */
@NullMarked
package dev.canonica.cadistill.attack.method;

import org.jspecify.annotations.NullMarked;

/** Whether what attacks found can be trusted. */
@NullMarked
package dev.canonica.cadistill.attack.check;

import org.jspecify.annotations.NullMarked;

package dev.canonica.cli.option;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The values that an option with a number takes. Others are misuse, and so is what is no finite number: {@link Bounds}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Within {
    /** The least value. */
    double min() default Double.NEGATIVE_INFINITY;

    /** The greatest value. */
    double max() default Double.POSITIVE_INFINITY;

    /** A bound that values lie above. */
    double above() default Double.NEGATIVE_INFINITY;

    /** A bound that values lie below. */
    double below() default Double.POSITIVE_INFINITY;
}

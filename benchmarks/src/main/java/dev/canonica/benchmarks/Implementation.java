package dev.canonica.benchmarks;

import dev.canonica.tensor.kernel.KernelForm;
import java.util.Locale;

/**
 * Who does the work of a JMH benchmark: our kernels in one of their forms, or a peer. JMH gives every value a process of its own, so that a form can be
 * asked for before the first kernel.
 */
public enum Implementation {
    EMITTED,
    VECTOR,
    SCALAR,
    OPENBLAS,
    LIBTORCH;

    /**
     * To be called first in a set-up.
     *
     * @throws Skipped if the peer is not in this build
     */
    void begin() {
        if (this == LIBTORCH && !Libtorch.isPresent()) {
            throw new Skipped("libtorch is left out: build with -Ppeers");
        }
        if (ours()) {
            System.setProperty(KernelForm.PROPERTY, name().toLowerCase(Locale.ROOT));
        }
    }

    boolean ours() {
        return ordinal() <= SCALAR.ordinal();
    }

    /** Ends a benchmark with one line: JMH prints what a set-up throws, and there is no stack trace to print. */
    static final class Skipped extends RuntimeException {
        private static final long serialVersionUID = 1;

        Skipped(String why) {
            super(why, null, false, false);
        }
    }
}

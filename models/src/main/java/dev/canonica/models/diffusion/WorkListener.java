package dev.canonica.models.diffusion;

import java.util.function.Supplier;

/**
 * Is told of each piece of costly work within a span: a step of a sampler, a product with a Jacobian. For who shows how far a long job is, whose
 * parts are known to nobody before they are done.
 */
public final class WorkListener {
    private static final ScopedValue<Runnable> HEARD = ScopedValue.newInstance();

    private WorkListener() {}

    /** Does {@code work}, on this thread; {@code piece} is run after each piece of it. */
    public static void during(Runnable piece, Runnable work) {
        ScopedValue.where(HEARD, piece).run(work);
    }

    /** Gives what {@code work} does; else as {@link #during}. */
    public static <T> T giving(Runnable piece, Supplier<T> work) {
        return ScopedValue.where(HEARD, piece).call(work::get);
    }

    /** A piece was done. */
    public static void done() {
        if (HEARD.isBound()) {
            HEARD.get().run();
        }
    }
}

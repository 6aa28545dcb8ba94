package dev.canonica.cuda;

import dev.canonica.tensor.memory.PerThread;

/** The launches of a context: each thread writes the parameters of its next kernel into one of its own. */
final class Launches {
    private final CudaContext context;
    private final PerThread<Launch> own = new PerThread<>(Launch::new);

    Launches(CudaContext context) {
        this.context = context;
    }

    /** The calling thread's, without parameters. */
    Launch begin() {
        return own.get().begin();
    }

    CudaContext context() {
        return context;
    }
}

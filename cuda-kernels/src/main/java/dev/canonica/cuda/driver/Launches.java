package dev.canonica.cuda.driver;

import dev.canonica.tensor.memory.PerThread;

/** The launches of a context: each thread writes the parameters of its next kernel into one of its own. */
public final class Launches {
    private final CudaContext context;
    private final PerThread<Launch> own = new PerThread<>(Launch::new);

    /** Launches in the stream of this context. */
    public Launches(CudaContext context) {
        this.context = context;
    }

    /** The calling thread's, without parameters. */
    public Launch begin() {
        return own.get().begin();
    }

    /** The context that kernels are launched in. */
    public CudaContext context() {
        return context;
    }
}

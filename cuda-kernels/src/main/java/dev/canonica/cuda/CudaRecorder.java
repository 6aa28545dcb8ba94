package dev.canonica.cuda;

import dev.canonica.cuda.driver.Capturer;
import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.cuda.kernel.Gemm;
import dev.canonica.tensor.CapturingRecorder;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.IdentityHashMap;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * Records work as CUDA graphs: one for each recording, a chain of what was put on the one stream.
 *
 * <p>What would be brought in from the processor while work is captured is brought in at once, into memory that the recorder keeps, and the graph
 * copies from there: a replay touches no memory of the processor. Workspaces are the recorder's own, for those of the threads are given back when they grow.
 */
final class CudaRecorder extends CapturingRecorder implements Capturer {
    static final String PROPERTY = "canonica.cuda.graphs";

    private final CudaDevice device;
    private final CudaContext context;
    private final IdentityHashMap<Object, Kept> workspaces = new IdentityHashMap<>();
    private @Nullable Kept products; // workspace of cuBLAS

    CudaRecorder(CudaDevice device) {
        super(device);
        this.device = device;
        this.context = device.context();
    }

    /** Whether recording is asked for. */
    static boolean asked() {
        String asked = System.getProperty(PROPERTY, "false");
        if (!asked.equals("true") && !asked.equals("false")) {
            throw new IllegalArgumentException("-D" + PROPERTY + ": '" + asked + "' is not one of true, false");
        }
        return asked.equals("true");
    }

    @Override
    protected void begin() {
        context.capture().begin(this, () -> {
            Gemm gemm = device.gemm();
            if (products == null && gemm.workspaceBytes() > 0) {
                products = keep(() -> words(gemm.workspaceBytes()));
            }
            gemm.captureOn(context.capture().stream(), products == null ? 0 : products.address());
        });
    }

    @Override
    protected Playback end(String name) {
        return Graph.of(context, name, context.capture().end());
    }

    /** What was captured, ready to be launched. */
    static final class Graph implements Playback {
        private final CudaContext context;
        private final String name;
        private final CUgraphExec executable = new CUgraphExec();

        private Graph(CudaContext context, String name) {
            this.context = context;
            this.name = name;
        }

        /** Of a driver's graph, which is given back. */
        static Graph of(CudaContext context, String name, CUgraph captured) {
            Graph graph = new Graph(context, name);
            int result = context.attempt(() -> JCudaDriver.cuGraphInstantiate(graph.executable, captured, 0));
            context.giveBack(() -> JCudaDriver.cuGraphDestroy(captured));
            if (result != CUresult.CUDA_SUCCESS) {
                throw new RecordingException(
                        context + ": cuGraphInstantiate failed: " + CUresult.stringFor(result) + " (" + result + ")");
            }
            return graph;
        }

        @Override
        public void run() {
            context.launched(name + ", recorded");
            context.call("cuGraphLaunch", () -> JCudaDriver.cuGraphLaunch(executable, context.stream()));
        }

        @Override
        public void close() { // one that still runs is freed by the driver when it is done
            context.giveBack(() -> JCudaDriver.cuGraphExecDestroy(executable));
        }
    }

    @Override
    protected void abandon() {
        context.capture().abandon();
    }

    @Override
    public long constant(long host, long bytes) {
        Kept to = keep(() -> words(bytes));
        context.capture().aside(() -> {
            device.staging().upload(host, to.address(), bytes);
            return to;
        });
        return to.address();
    }

    @Override
    public long workspace(Object of, long bytes, long usual) {
        Kept kept = workspaces.get(of);
        if (kept == null || kept.tensor().size() * DType.F64.bytes() < bytes) {
            kept = keep(() -> words(Math.max(bytes, usual))); // what was recorded on a smaller one still uses that
            workspaces.put(of, kept);
        }
        return kept.address();
    }

    private Tensor words(long bytes) {
        Shape words = Shape.of(Math.toIntExact(Math.ceilDiv(bytes, DType.F64.bytes())));
        return Tensor.uninitialised(device, DType.F64, words);
    }
}

package dev.canonica.benchmarks.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.canonica.benchmarks.measure.Turns;
import dev.canonica.benchmarks.work.Models;
import dev.canonica.benchmarks.work.Right;
import dev.canonica.benchmarks.work.Works;
import dev.canonica.benchmarks.work.Works.Work;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Forward passes beside ONNX Runtime, as a Java program would call it, by turns on one thread in one process: {@code OnnxTurns FOLDER WORDS…}, each work in the words of {@link Works} and
 * quotes, such as {@code "resnet resnet50 1"}. FOLDER has the graphs that {@code benchmarks/peers/cpu_compilers.py --export FOLDER} wrote, whose weights are those of the works. Results are compared first.
 */
public final class OnnxTurns {
    private static final double TOLERANCE = 5e-4;

    private OnnxTurns() {}

    /** Takes the turns. */
    public static void main(String[] args) {
        List<String> works = List.of(args).subList(1, args.length);
        Session.byDefault().withThreads(1).run(() -> works.forEach(words -> beside(Path.of(args[0]), words)));
    }

    private static void beside(Path folder, String words) {
        Path graph = folder.resolve(words.replace(' ', '_').replace('/', '-') + ".onnx");
        Work work = Works.of(words);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            try (OrtSession session = environment.createSession(graph.toString(), options)) {
                Map<String, OnnxTensor> inputs = inputs(environment, session, work.arrays());
                Right.check(
                        words + ", ONNX Runtime",
                        result(session, inputs, expected(work).shape().dims()),
                        expected(work),
                        TOLERANCE);
                Turns t = Turns.of(1, work.run(), () -> run(session, inputs));
                System.out.printf(
                        Locale.ROOT,
                        "%s: ours %.2f ms, ONNX Runtime %.2f ms: %.2f%n",
                        words,
                        1e3 * t.ours(),
                        1e3 * t.theirs(),
                        t.ratio());
            }
        } catch (OrtException e) {
            throw new IllegalStateException(graph + ": " + e.getMessage(), e);
        }
    }

    private static Tensor expected(Work work) {
        return Objects.requireNonNull(work.arrays().get("expected"), "this work gives nothing to compare");
    }

    /** Of the names that the graph has: x and context as the work has them, timesteps t and classes y as it means them. */
    private static Map<String, OnnxTensor> inputs(OrtEnvironment e, OrtSession session, Map<String, Tensor> arrays)
            throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        int batch = Objects.requireNonNull(arrays.get("x")).dim(0);
        for (String name : session.getInputNames()) {
            OnnxTensor tensor =
                    switch (name) {
                        case "t" -> input(e, Models.timesteps(batch));
                        case "y" -> OnnxTensor.createTensor(e, LongBuffer.wrap(new long[batch]), new long[] {batch});
                        default -> input(e, Objects.requireNonNull(arrays.get(name), name));
                    };
            inputs.put(name, tensor);
        }
        return inputs;
    }

    private static OnnxTensor input(OrtEnvironment e, Tensor a) throws OrtException {
        long[] shape = Arrays.stream(a.shape().dims()).asLongStream().toArray();
        return OnnxTensor.createTensor(e, FloatBuffer.wrap(a.toFloats()), shape);
    }

    private static Tensor result(OrtSession session, Map<String, OnnxTensor> inputs, int[] shape) throws OrtException {
        try (OrtSession.Result r = session.run(inputs)) {
            FloatBuffer buffer = ((OnnxTensor) r.get(0)).getFloatBuffer();
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            return Tensor.of(values, shape);
        }
    }

    private static void run(OrtSession session, Map<String, OnnxTensor> inputs) {
        try {
            session.run(inputs).close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}

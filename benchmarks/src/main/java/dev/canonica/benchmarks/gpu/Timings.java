package dev.canonica.benchmarks.gpu;

import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.operation.Convolution;
import java.util.Arrays;
import java.util.List;

/** Times of work that {@code benchmarks/peers/gpu_pytorch.py} does, too, under the same names; the two take turns, a process each. */
final class Timings {
    /** Batch, rows and columns of products: of DiT-XL/2 on 8 and 64 images, of one head's scores, and two square ones. */
    private static final int[][] PRODUCTS = {
        {1, 2048, 1152, 3456}, {1, 16384, 1152, 4608}, {128, 256, 72, 256}, {1, 1024, 1024, 1024}, {1, 4096, 4096, 4096}
    };

    /** Batch, tokens, heads and columns of a head: DiT-XL/2 on 8 images, and the first level of Stable Diffusion. */
    private static final int[][] ATTENTIONS = {{8, 256, 16, 72}, {2, 4096, 8, 40}};

    /**
     * Batch, channels, side of the images, outputs, side of the filters and stride: two levels of Stable Diffusion and the step between two,
     * its autoencoder's widest, and ResNet's first layer.
     */
    private static final int[][] CONVOLUTIONS = {
        {2, 320, 64, 320, 3, 1},
        {2, 1280, 16, 1280, 3, 1},
        {2, 320, 64, 320, 3, 2},
        {1, 128, 256, 128, 3, 1},
        {8, 3, 224, 64, 7, 2}
    };

    private static final int LATENT = 32;
    private static final int CLASSES = 1000;
    private static final int RANK = 10;

    private final Device device;
    private final int round;
    private final Results results;

    private Timings(Device device, int round, Results results) {
        this.device = device;
        this.round = round;
        this.results = results;
    }

    static void run(Device device, int round, List<String> works, Results results) {
        Timings timings = new Timings(device, round, results);
        for (String work : works) {
            switch (work) {
                case "gemm" -> timings.products();
                case "attention" -> timings.attention();
                case "convolution" -> timings.convolution();
                case "dit" -> timings.forward();
                case "svd" -> timings.derivatives();
                default ->
                    throw new IllegalArgumentException(
                            "no timing '" + work + "': gemm, attention, convolution, dit and svd are there");
            }
        }
    }

    private void products() {
        String library = Cublas.find();
        for (int[] p : PRODUCTS) {
            String name = "[%d, %d, %d] x [%d, %d]".formatted(p[0], p[1], p[2], p[2], p[3]);
            try (Scope scope = Scope.open()) {
                Tensor a = normal(1, p[0], p[1], p[2]);
                Tensor b = p[0] == 1 ? normal(2, p[2], p[3]) : normal(2, p[0], p[2], p[3]);
                Tensor left = p[0] == 1 ? a.reshape(p[1], p[2]) : a;
                time("gemm", name, "canonica", () -> left.matmul(b));
                if (!library.isEmpty()) {
                    try (Cublas cublas = new Cublas(library);
                            Addresses at = Addresses.open()) {
                        Tensor c = Tensor.zeros(DType.F32, Shape.of(p[0], p[1], p[3]));
                        long pa = at.of(a);
                        long pb = at.of(b);
                        long pc = at.of(c);
                        time("gemm", name, "cuBLAS", () -> cublas.multiply(p, pa, pb, pc), cublas::synchronize);
                    }
                }
            }
        }
    }

    private void attention() {
        for (int[] a : ATTENTIONS) {
            try (Scope scope = Scope.open()) {
                Tensor[] qkv = new Tensor[3];
                Var[] at = new Var[3];
                for (int i = 0; i < qkv.length; i++) {
                    qkv[i] = normal(i, a[0], a[1], a[2] * a[3]);
                    at[i] = Var.constant(qkv[i]);
                }
                String name = "%d x %d tokens, %d heads of %d".formatted(a[0], a[1], a[2], a[3]);
                time("attention", name, "canonica", () -> Attentions.attention(at[0], at[1], at[2], a[2]));
                Linearization f = Autodiff.linearize(q -> Attentions.attention(q, at[1], at[2], a[2]), qkv[0]);
                Tensor v = qkv[1].reshape(qkv[1].shape().prepend(1));
                time("attention", name + ", push by the queries", "canonica", () -> f.push(v));
                time("attention", name + ", pull", "canonica", () -> f.pull(v));
            }
        }
    }

    /** The way that is asked for stands beside the usual one. */
    private void convolution() {
        String way = System.getProperty("canonica.cuda.convolution");
        String who = way == null ? "canonica" : "canonica, " + way;
        for (int[] s : CONVOLUTIONS) {
            Convolution c = Convolution.of(s[5], s[4] / 2);
            try (Scope scope = Scope.open()) {
                Tensor x = normal(1, s[0], s[1], s[2], s[2]);
                Tensor w = normal(2, s[3], s[1], s[4], s[4]);
                Tensor u = c.value(x, w);
                String name = "%d x %d channels of %d x %d, %d outputs, %d x %d, stride %d"
                        .formatted(s[0], s[1], s[2], s[2], s[3], s[4], s[4], s[5]);
                time("convolution", name, who, () -> c.value(x, w));
                time("convolution", name + ", pull by the images", who, () -> c.pullImages(u, w, x.shape()));
                time("convolution", name + ", pull by the filters", who, () -> c.pullFilters(x, u, w.shape()));
            }
        }
    }

    private static Tensor normal(int stream, int... dims) {
        return Tensor.normal(DType.F32, Shape.of(dims), new Philox(stream));
    }

    /** Random weights throughout, since a fresh DiT's last layer and gates are zero. */
    static Dit dit(String preset) {
        Dit dit = Dit.initialised(DitConfig.preset(preset, LATENT, 4, CLASSES, true), 0);
        dit.parameters().forEach((name, t) -> {
            if (!name.equals("pos_embed")) {
                t.assign(Tensor.normal(DType.F32, t.shape(), new Philox(name.hashCode()))
                        .affine(0.02, 0));
            }
        });
        return dit;
    }

    private static Tensor timesteps(int batch) {
        return DenoisingModel.timeOfAll(500, batch);
    }

    private void forward() {
        for (String preset : new String[] {"DiT-S/2", "DiT-XL/2"}) {
            Dit dit = dit(preset);
            for (int batch : new int[] {1, 8, 32}) {
                Var x = Var.constant(Tensor.normal(DType.F32, dit.sampleShape().prepend(batch), new Philox(1)));
                time(
                        "dit",
                        preset + " forward, batch " + batch,
                        "canonica",
                        () -> dit.features(x, timesteps(batch), Condition.classes(new long[batch]), Probe.OUTPUT));
            }
        }
    }

    private void derivatives() {
        Dit dit = dit("DiT-S/2");
        Shape one = dit.sampleShape().prepend(1);
        Linearization at = Autodiff.linearize(
                v -> dit.features(v, timesteps(1), Condition.classes(0), "blocks.5"),
                Tensor.normal(DType.F32, one, new Philox(1)));
        Tensor v = Tensor.normal(DType.F32, one.prepend(RANK + 2), new Philox(2));
        Tensor u = Tensor.normal(DType.F32, at.value().shape().prepend(RANK + 2), new Philox(3));
        time("svd", "DiT-S/2 blocks.5, push of 12 tangents", "canonica", () -> at.push(v));
        time("svd", "DiT-S/2 blocks.5, pull of 12 cotangents", "canonica", () -> at.pull(u));
        // Ten sweeps and no end before: the same products on both sides, whatever the spectrum.
        RandomizedSvd svd = new RandomizedSvd(RANK, 2, 10, 0, 0, 0);
        time(
                "svd",
                "DiT-S/2 blocks.5, 10 sweeps of 12 vectors",
                "canonica",
                () -> svd.solve(LinearOperator.jacobian(at, one)));
    }

    private void time(String part, String name, String who, Runnable work) {
        time(part, name, who, work, device::synchronize);
    }

    private void time(String part, String name, String who, Runnable work, Runnable synchronize) {
        device.synchronize();
        results.time(part, name, who, round, milliseconds(work, synchronize));
    }

    /** The median of seven groups, each at least 50 ms long, after as much in warm-up. */
    static double milliseconds(Runnable work, Runnable synchronize) {
        int n = 1;
        double seconds = group(work, n, synchronize);
        while (seconds < 0.05) {
            n *= 2;
            seconds = group(work, n, synchronize);
        }
        double[] times = new double[7];
        for (int i = 0; i < times.length; i++) {
            times[i] = group(work, n, synchronize) / n;
        }
        Arrays.sort(times);
        return 1000 * times[times.length / 2];
    }

    /** Seconds until the device has done the work n times. */
    private static double group(Runnable work, int n, Runnable synchronize) {
        synchronize.run();
        long start = System.nanoTime();
        for (int i = 0; i < n; i++) {
            try (Scope scope = Scope.open()) {
                work.run();
            }
        }
        synchronize.run();
        return (System.nanoTime() - start) / 1e9;
    }
}

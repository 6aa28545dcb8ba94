package dev.canonica.benchmarks;

import dev.canonica.autodiff.Var;
import dev.canonica.benchmarks.work.Models;
import dev.canonica.benchmarks.work.SvdWork;
import dev.canonica.benchmarks.work.Works;
import dev.canonica.models.Probe;
import dev.canonica.models.dit.Dit;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Tensor;

/** A model beside itself: products rounded to bfloat16 beside F32, two threads beside one. */
final class ModelPart {
    private ModelPart() {}

    static void precision(Suite suite) {
        for (int batch : new int[] {1, 8}) {
            Runnable forward = forward(batch);
            suite.compare(
                    "bf16",
                    "DiT-S/2 forward, batch " + batch,
                    () -> with(ProductPrecision.BF16, forward),
                    "own F32",
                    "",
                    () -> with(ProductPrecision.F32, forward));
        }
    }

    private static void with(ProductPrecision precision, Runnable work) {
        Session.current().withPrecision(precision).run(work);
    }

    static void scaling(Suite suite) {
        try (SgemmProblem p = new SgemmProblem("1024,1024,1024")) {
            beside(suite, "GEMM 1024³", p::ours);
        }
        for (int batch : new int[] {1, 8}) {
            beside(suite, "DiT-S/2 forward, batch " + batch, forward(batch));
        }
        beside(
                suite,
                "training step, DiT, 3.5 M parameters, 64 images",
                Works.of("traindit").run());
        beside(
                suite,
                "training step, ResNet-18, 64 images of 32²",
                Works.of("trainresnet").run());
        beside(suite, "SVD of a Jacobian, n = 10, shipped model, blocks.3", SvdWork.shippedAlone());
        beside(suite, "CLARID of an image, shipped model", Works.of("clarid 1").run());
        beside(
                suite,
                "CLARID of eight images, shipped model",
                Works.of("clarid 8").run());
    }

    private static void beside(Suite suite, String name, Runnable work) {
        suite.compare(2, "two threads", name, () -> on(2, work), "own, one thread", "", () -> on(1, work));
    }

    private static void on(int threads, Runnable work) {
        Session.current().withThreads(threads).run(work);
    }

    private static Runnable forward(int batch) {
        Dit dit = Models.dit("DiT-S/2");
        Var x = Var.constant(Tensor.normal(DType.F32, dit.sampleShape().prepend(batch), new Philox(1)));
        return () -> {
            try (Scope scope = Scope.open()) {
                dit.features(x, Models.timesteps(batch), Models.firstClass(dit, batch), Probe.OUTPUT);
            }
        };
    }
}

package dev.canonica.benchmarks;

import dev.canonica.benchmarks.measure.ProductCounts;
import dev.canonica.benchmarks.work.Works;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.vector.code.MultiplyAdds;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Work beside as many multiply-adds from registers as its matrix products have, on one thread: the ratio is the share of the processor's peak, and its inverse
 * the most that any peer could be faster by with the same products.
 */
final class PeakPart {
    /** Products large enough that nothing but multiply-adds should take time. */
    private static final String[] PRODUCTS = {
        "256,256,256", "512,512,512", "1024,1024,1024", "2048,2048,2048", "256,3456,1152"
    };

    /** So many calls before the products are counted: what is packed for further use is packed by then. */
    private static final int WARM = 3;

    private PeakPart() {}

    static void products(Suite suite) {
        if (missing()) {
            return;
        }
        for (String shape : PRODUCTS) {
            try (SgemmProblem p = new SgemmProblem(shape)) {
                beside(suite, shape, p::ours, (long) p.operations() / 2);
            }
        }
    }

    /** Networks, their derivatives, training, and all that an image of the demonstration takes. */
    static void works(Suite suite) {
        if (missing()) {
            return;
        }
        Map<String, String> named = new LinkedHashMap<>();
        for (int batch : new int[] {1, 8}) {
            named.put("DiT-S/2 forward, batch " + batch, "dit DiT-S/2 " + batch);
        }
        named.put("U-Net of 117 M, 32²", "wholeunet 1");
        named.put("ResNet-50, batch 1", "resnet resnet50 1");
        for (String way : new String[] {"push", "pull"}) {
            for (int k : new int[] {1, 8, 16}) {
                named.put("%s K = %d, DiT-S/2".formatted(way, k), "%s DiT-S/2 %d".formatted(way, k));
            }
        }
        named.put("DiT-S/2 training, batch 8", "traindit DiT-S/2 8");
        named.put("ResNet-18 training, 64 × 32²", "trainresnet");
        named.put("Jacobian SVD, shipped model, n = 10", "svd shipped");
        named.put("CLARID of an image, shipped model", "clarid 1");
        named.put("CLARID of eight images, shipped model", "clarid 8");
        named.forEach((name, words) -> {
            try (Scope scope = Scope.open()) {
                Session.current().withThreads(1).run(() -> {
                    Runnable work = Works.of(words).run();
                    for (int i = 0; i < WARM; i++) {
                        work.run();
                    }
                    beside(suite, name, work, ProductCounts.multiplyAdds(work));
                });
            }
        });
    }

    private static boolean missing() {
        boolean missing = !MultiplyAdds.available();
        if (missing) {
            System.err.println("the share of the peak is left out: no code is emitted here");
        }
        return missing;
    }

    private static void beside(Suite suite, String name, Runnable ours, long multiplyAdds) {
        suite.compare("share of the peak", name, ours, "multiply-adds alone", "", () -> MultiplyAdds.run(multiplyAdds));
    }
}

package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;

/** How far factors are from what they should be, in double. */
final class FactorErrors {
    private FactorErrors() {}

    /** max |A − X Y| / max |A|, or how far Q is from orthonormal if that is more. */
    static double of(Tensor a, Tensor x, Tensor y, Tensor q, boolean columns) {
        try (Scope _ = Scope.open()) {
            Tensor wide = a.to(DType.F64);
            Tensor product = x.to(DType.F64).matmul(y.to(DType.F64));
            double scale = greatest(wide);
            double difference = greatest(product.minus(wide));
            return Math.max(scale == 0 ? difference : difference / scale, orthonormal(q, columns));
        }
    }

    /** max |Q Qᵀ − I| of rows, or max |QᵀQ − I| of columns. */
    static double orthonormal(Tensor q, boolean columns) {
        try (Scope _ = Scope.open()) {
            Tensor wide = q.to(DType.F64);
            Tensor gram = wide.matmul(columns, wide, !columns);
            int n = gram.dim(-1);
            double[] identity = new double[n * n];
            for (int i = 0; i < n; i++) {
                identity[i * (n + 1)] = 1;
            }
            return greatest(gram.minus(Tensor.of(Device.cpu(), identity, n, n).to(q.device())));
        }
    }

    private static double greatest(Tensor x) {
        double greatest = 0;
        for (double v : x.toDoubles()) {
            greatest = Math.max(greatest, Math.abs(v)); // NaN stays
        }
        return greatest;
    }
}

package dev.canonica.tensor;

import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Convolution;
import java.util.concurrent.Callable;

/** What an application does with tensors, to be loaded by a class loader that comes and goes. */
public final class Deployed implements Callable<String> {
    /** For reflection. */
    public Deployed() {}

    @Override
    public String call() {
        return Session.byDefault().withThreads(2).call(() -> {
            Tensor x = Tensor.normal(DType.F32, Shape.of(256, 256), new Philox(1));
            Tensor y = Convolution.same(3)
                    .value(x.reshape(1, 4, 128, 128), Tensor.full(DType.F32, Shape.of(4, 4, 3, 3), 0.1));
            return "sum " + x.map(Unary.EXP).softmax().matmul(x).sumAll().item()
                    + y.sumAll().item();
        });
    }
}

package dev.canonica.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ProductCountsTest {
    @Test
    void countsMultiplyAddsOfAllProductsAndOfNothingElse() {
        Tensor a = Tensor.normal(DType.F32, Shape.of(40, 24), new Philox(1));
        Tensor b = Tensor.normal(DType.F32, Shape.of(24, 56), new Philox(2));
        assertThat(ProductCounts.multiplyAdds(() -> {
                    a.matmul(b).plus(1).close();
                    b.transpose().matmul(a.transpose()).close();
                }))
                .isEqualTo(2L * 40 * 24 * 56);
        assertThat(ProductCounts.multiplyAdds(() -> a.plus(a).close())).isZero();
    }
}

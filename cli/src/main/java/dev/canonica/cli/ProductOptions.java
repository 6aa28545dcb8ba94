package dev.canonica.cli;

import dev.canonica.tensor.ProductPrecision;
import picocli.CommandLine.Option;

/** {@code --precision}, for commands that run a network. */
final class ProductOptions {
    @Option(
            names = "--precision",
            paramLabel = "f32|bf16",
            defaultValue = "f32",
            description =
                    "products of the network's linear layers and attention: exact, or with operands rounded to bfloat16, up to twice as fast on"
                            + " processors with AVX512_BF16, with relative errors of some 0.2%% each (default: ${DEFAULT-VALUE})")
    private ProductPrecision precision = ProductPrecision.F32;

    ProductOptions() {}

    void apply() {
        ProductPrecision.set(precision);
    }
}

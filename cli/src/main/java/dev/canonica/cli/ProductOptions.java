package dev.canonica.cli;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.ProductPrecision;
import java.util.Locale;
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

    /** Refuses a precision that has no effect on a command with these options. */
    void check(GivenOptions given, DType dtype) {
        if (dtype != DType.F32) {
            given.refuse("--dtype is " + dtype.name().toLowerCase(Locale.ROOT), "--precision");
        }
        if (given.has("--device")) {
            given.refuse("devices other than the processor compute as for f32", "--precision");
        }
    }

    void apply() {
        ProductPrecision.set(precision);
    }
}

package dev.canonica.cli.option;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Session;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --precision}, for commands that run a network. */
public final class ProductOptions implements Setting {
    @Option(
            names = "--precision",
            paramLabel = "f32|bf16",
            description =
                    "products of the network's linear layers and attention: exact, or with operands rounded to bfloat16, up to twice as fast on"
                            + " processors with AVX512_BF16, with relative errors of some 0.2%% each (default: f32)")
    private @Nullable ProductPrecision precision;

    /** The defaults; picocli sets what the command line gives. */
    public ProductOptions() {}

    /** Refuses a precision that has no effect on a command with these options. */
    public void check(GivenOptions given, DType dtype) {
        if (dtype != DType.F32) {
            given.refuse("--dtype is " + dtype.name().toLowerCase(Locale.ROOT), "--precision");
        }
        if (given.has("--device")) {
            given.refuse("devices other than the processor compute as for f32", "--precision");
        }
    }

    /** Refuses a precision that has had no effect: what was computed had no product to round. */
    public void checkUsed(GivenOptions given) {
        if (precision == ProductPrecision.BF16 && !Session.current().hasRounded()) {
            given.refuse("what is computed has no linear layer or attention whose products are rounded", "--precision");
        }
    }

    /** Adds the precision to what results depend on, where it is not the exact one. */
    public static void describe(Map<String, String> description) {
        ProductPrecision current = ProductPrecision.current();
        if (current != ProductPrecision.F32) {
            description.put("precision", current.name().toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public Session in(Session session) {
        return precision == null ? session : session.withPrecision(precision);
    }
}

package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A function that is run again at the values of its inputs, differentiated by those that are differentiated; it keeps nothing but these values. */
final class Replay {
    private final Function<List<Var>, Var> f;
    private final List<Var> constants;
    private final int[] active; // which of the inputs are differentiated

    Replay(Function<List<Var>, Var> f, List<Var> inputs) {
        this.f = f;
        constants = inputs.stream().map(x -> Var.constant(x.value())).toList();
        active = IntStream.range(0, inputs.size())
                .filter(i -> inputs.get(i).isActive())
                .toArray();
    }

    /** The derivative by the active inputs, with the second one where {@code twice}. */
    Linearization linearize(boolean twice) {
        List<Tensor> at =
                Arrays.stream(active).mapToObj(i -> constants.get(i).value()).toList();
        Function<List<Var>, Var> ofActive = variables -> {
            List<Var> all = new ArrayList<>(constants);
            for (int j = 0; j < active.length; j++) {
                all.set(active[j], variables.get(j));
            }
            return f.apply(all);
        };
        return twice ? Autodiff.linearizeTwice(ofActive, at) : Autodiff.linearize(ofActive, at);
    }

    /** Of tensors, one per input, those of the active inputs. */
    @Nullable
    Tensor[] ofActive(@Nullable Tensor... all) {
        return Arrays.stream(active).mapToObj(i -> all[i]).toArray(Tensor[]::new);
    }

    /** One per input, null where it is not differentiated. */
    @Nullable
    Tensor[] ofAll(Tensor... parts) {
        @Nullable Tensor[] all = new Tensor[constants.size()];
        for (int j = 0; j < active.length; j++) {
            all[active[j]] = parts[j];
        }
        return all;
    }
}

package dev.canonica.clarid;

import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** A DiT in double precision on 4 × 4 × 1 images of two classes, with random weights throughout, so that no gate is closed. */
public final class TinyDit {
    private TinyDit() {}

    /** The same each time. */
    public static Dit make() {
        DitConfig c = new DitConfig(4, 2, 1, 8, 2, 2, 2, 0.1, 2, false);
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        Dit.initialised(c, 1)
                .parameters()
                .forEach((name, t) -> parameters.put(
                        name,
                        Tensor.normal(DType.F64, t.shape(), new Philox(3).child(name.hashCode()))
                                .times(0.4)));
        return new Dit(c, parameters);
    }
}

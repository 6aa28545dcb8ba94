package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import java.util.List;
import java.util.function.Function;

/** The rows of {@link Attentions}. */
final class AttentionRows {
    private AttentionRows() {}

    private static Function<List<Var>, Var> heads(int n) {
        return v -> Attentions.attention(v.get(0), v.get(1), v.get(2), n);
    }

    private static Function<List<Var>, Var> causal(int heads) {
        return v -> Attentions.causal(v.get(0), v.get(1), v.get(2), heads);
    }

    static List<Row> rows() {
        return List.of(
                Row.of("Attentions.attention", heads(1))
                        .at(s(1, 1, 1), s(1, 1, 1), s(1, 1, 1))
                        .at(s(2, 7, 5), s(2, 3, 5), s(2, 3, 5))
                        .at(s(1, 3, 4), s(1, 1, 4), s(1, 1, 4))
                        .at(s(0, 3, 4), s(0, 2, 4), s(0, 2, 4))
                        .at(s(2, 0, 4), s(2, 3, 4), s(2, 3, 4))
                        .at(s(2, 3, 4), s(2, 0, 4), s(2, 0, 4))
                        .withInputs("3 heads", heads(3))
                        .at(s(2, 7, 15), s(2, 17, 15), s(2, 17, 15))
                        .at(s(5, 5, 3), s(5, 5, 3), s(5, 5, 3))
                        .at(s(1, 65, 21), s(1, 67, 21), s(1, 67, 21))
                        .refuses("attention: 4 columns do not divide into 3 heads", s(1, 2, 4), s(1, 2, 4), s(1, 2, 4))
                        .refuses(
                                "attention: shapes do not fit: q [1, 2, 3], k [1, 2, 6], v [1, 2, 6]",
                                s(1, 2, 3),
                                s(1, 2, 6),
                                s(1, 2, 6))
                        .refusesTypes(
                                "attention: types differ: q F32, k F32, v F64", s(1, 2, 3), s(1, 2, 3), s(1, 2, 3)),
                Row.of("Attentions.causal", causal(1))
                        .at(s(1, 1, 1), s(1, 1, 1), s(1, 1, 1))
                        .at(s(2, 7, 5), s(2, 7, 5), s(2, 7, 5))
                        .at(s(0, 3, 4), s(0, 3, 4), s(0, 3, 4))
                        .at(s(2, 0, 4), s(2, 0, 4), s(2, 0, 4))
                        .withInputs("3 heads", causal(3))
                        .at(s(2, 17, 15), s(2, 17, 15), s(2, 17, 15))
                        .at(s(1, 33, 21), s(1, 33, 21), s(1, 33, 21))
                        .refuses("causal: 4 columns do not divide into 3 heads", s(1, 2, 4), s(1, 2, 4), s(1, 2, 4))
                        .refuses(
                                "causal: shapes differ, or are not [B, T, D]: q [1, 2, 3], k [1, 3, 3], v [1, 2, 3]",
                                s(1, 2, 3),
                                s(1, 3, 3),
                                s(1, 2, 3)),
                Row.unary("Attentions.selfAttention", x -> Attentions.selfAttention(x, 1))
                        .at(1, 1, 3)
                        .at(2, 7, 15)
                        .at(0, 7, 3)
                        .at(2, 0, 6)
                        .with("3 heads", x -> Attentions.selfAttention(x, 3))
                        .at(5, 5, 9)
                        .at(2, 17, 45)
                        .at(1, 65, 63)
                        .refuses("selfAttention: packed [B, T, 3D] needed, shape is [2, 3, 4]", s(2, 3, 4))
                        .refuses("selfAttention: 4 columns do not divide into 3 heads", s(2, 3, 12)));
    }
}

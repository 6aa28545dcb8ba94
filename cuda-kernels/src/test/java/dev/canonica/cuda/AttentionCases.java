package dev.canonica.cuda;

import dev.canonica.tensor.kernel.Attention;
import dev.canonica.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention in sizes that are multiples of nothing, with fewer and with more rows than a tile has; of every width that the kernels are made for, of the
 * next, and of one that is left to products.
 */
final class AttentionCases {
    private final List<KernelCase> cases = new ArrayList<>();

    static List<KernelCase> all() {
        AttentionCases c = new AttentionCases();
        c.add(new Attention(2, 3, 7, 7, 5, 0.6, 45, 45, 45)); // parts of packed rows
        c.add(new Attention(1, 2, 65, 131, 16, 0.25, 32, 40, 33)); // to more keys
        c.add(new Attention(2, 1, 129, 3, 64, 0.125, 64, 64, 64)); // to a few
        c.add(new Attention(1, 1, 33, 66, 72, 0.1, 72, 73, 74));
        c.add(new Attention(1, 2, 5, 70, 80, 0.1, 160, 160, 160));
        c.add(new Attention(1, 1, 66, 34, 81, 0.1, 81, 81, 81));
        c.add(new Attention(1, 1, 31, 65, 160, 0.08, 160, 160, 160));
        c.add(new Attention(1, 1, 9, 11, 161, 0.08, 161, 161, 161));
        c.add(new Attention(1, 1, 1, 1, 1, 1, 1, 1, 1));
        c.add(new Attention(1, 1, 0, 3, 4, 0.5, 4, 4, 4));
        c.add(new Attention(1, 1, 3, 0, 4, 0.5, 4, 4, 4));
        c.add(new Attention(0, 1, 3, 3, 4, 0.5, 4, 4, 4));
        return c.cases;
    }

    private void add(Attention a) {
        int d = 3;
        long q = (long) a.batch() * a.queries() * a.strideQ();
        long k = (long) a.batch() * a.keys() * a.strideK();
        long v = (long) a.batch() * a.keys() * a.strideV();
        long o = (long) a.batch() * a.queries() * a.strideO();
        long l = (long) a.batch() * a.queries() * a.heads();
        String of =
                " %d x %d rows to %d of width %d".formatted(a.batch() * a.heads(), a.queries(), a.keys(), a.width());
        add("attention" + of, (f, p) -> f.attention(a, operands(p, 0), p[3], p[4]), q, k, v, o, l);
        for (int absent = -1; absent < 3; absent++) {
            int without = absent;
            add(
                    "attentionPush" + of + (without < 0 ? "" : " without tangent " + without),
                    (f, p) -> {
                        statistics(f, a, p);
                        long[] t = {p[4], p[5], p[6]};
                        if (without >= 0) {
                            t[without] = 0;
                        }
                        f.attentionPush(a, d, operands(p, 0), p[3], operands(t, 0), p[7]);
                    },
                    q,
                    k,
                    v,
                    l,
                    d * q,
                    d * k,
                    d * v,
                    d * o,
                    o);
        }
        add(
                "attentionPull" + of,
                (f, p) -> {
                    statistics(f, a, p);
                    f.attentionPull(a, d, operands(p, 0), p[3], p[7], operands(p, 4));
                },
                q,
                k,
                v,
                l,
                d * q,
                d * k,
                d * v,
                d * o,
                o);
        add(
                "attentionPush" + of + " of the values alone",
                (f, p) -> {
                    statistics(f, a, p);
                    f.attentionPush(a, d, operands(p, 0), p[3], new Attention.Operands(0, 0, p[4]), p[5]);
                },
                q,
                k,
                v,
                l,
                d * v,
                d * o,
                0,
                0,
                o);
    }

    /** The statistics of the rows, operand 3; operand 8 is written by the way. */
    private static void statistics(Kernels f, Attention a, long[] p) {
        f.attention(a, operands(p, 0), p[8], p[3]);
    }

    private static Attention.Operands operands(long[] p, int first) {
        return new Attention.Operands(p[first], p[first + 1], p[first + 2]);
    }

    private void add(String name, KernelCase.Call call, long... sizes) {
        cases.add(KernelCase.of(name, call, sizes));
    }
}

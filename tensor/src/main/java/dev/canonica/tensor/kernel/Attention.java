package dev.canonica.tensor.kernel;

import dev.canonica.tensor.Workers;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, Eq. 1) with its derivative in both modes, for any {@link Kernels}:
 *
 * <pre>
 *   S = scale · Q Kᵀ      P = softmax(S)      O = P V
 *
 *   push   dS = scale · (dQ Kᵀ + Q dKᵀ)      dP = P ⊙ (dS − ⟨P, dS⟩)      dO = dP V + P dV
 *   pull   dV = Pᵀ U      dS = P ⊙ (U Vᵀ − ⟨P, U Vᵀ⟩)      dQ = scale · dS K      dK = scale · dSᵀ Q
 * </pre>
 *
 * <p>Queries are taken in blocks, so that no T×T matrix is kept: the value leaves only log Σ exp of each row of S behind, from which push
 * and pull compute P again (as in Dao et al. 2022), once for a whole block of directions. No widely used framework has the forward mode
 * of a fused attention.
 *
 * @param batch independent sequences
 * @param heads heads; head h takes columns [h · width, (h + 1) · width) of a row
 * @param queries rows of Q and O in a sequence
 * @param keys rows of K and V in a sequence
 * @param width columns of a head
 * @param scale usually 1/√width
 * @param strideQ from one row of Q to the next, in elements, likewise for K and V: rows may be parts of longer ones
 */
public record Attention(
        int batch, int heads, int queries, int keys, int width, double scale, int strideQ, int strideK, int strideV) {
    private static final int BLOCK = 64; // rows of S at a time: with 1024 keys, 256 KiB of F32

    private int rowO() {
        return heads * width;
    }

    private int block() {
        return Math.min(BLOCK, queries);
    }

    /**
     * O and the row statistics.
     *
     * @param o [batch, queries, heads · width]
     * @param logSumExp [batch, heads, queries]
     */
    public void value(Kernels f, long q, long k, long v, long o, long logSumExp) {
        int bytes = f.bytes();
        Workers.run(batch * heads, job -> {
            int b = job / heads;
            long column = (long) (job % heads) * width;
            long qb = q + bytes * ((long) b * queries * strideQ + column);
            long kb = k + bytes * ((long) b * keys * strideK + column);
            long vb = v + bytes * ((long) b * keys * strideV + column);
            long ob = o + bytes * ((long) b * queries * rowO() + column);
            long s = Scratch.take((long) bytes * block() * keys);
            for (int i = 0; i < queries; i += BLOCK) {
                int m = Math.min(BLOCK, queries - i);
                product(f, false, true, m, keys, width, at(f, qb, i, strideQ), strideQ, kb, strideK, false, s, keys);
                f.softmax(scale, s, s, logSumExp + bytes * ((long) job * queries + i), m, keys);
                product(f, false, false, m, width, keys, s, keys, vb, strideV, false, at(f, ob, i, rowO()), rowO());
            }
        });
    }

    /**
     * dO for a block of directions. A tangent address of 0 stands for zero; tangents have their operand's layout, one direction after the
     * other.
     *
     * @param directions number of directions
     */
    public void push(
            Kernels f, int directions, long q, long k, long v, long logSumExp, long dq, long dk, long dv, long dOut) {
        int bytes = f.bytes();
        int group = group(directions);
        int groups = (directions + group - 1) / group;
        Workers.run(batch * heads * groups, job -> {
            int pair = job / groups;
            int b = pair / heads;
            long column = (long) (pair % heads) * width;
            long startQ = (long) b * queries * strideQ + column;
            long startK = (long) b * keys * strideK + column;
            long startV = (long) b * keys * strideV + column;
            long startO = (long) b * queries * rowO() + column;
            long p = Scratch.take(2L * bytes * block() * keys);
            long e = p + (long) bytes * block() * keys;
            for (int i = 0; i < queries; i += BLOCK) {
                int m = Math.min(BLOCK, queries - i);
                long qb = at(f, q + bytes * startQ, i, strideQ);
                probabilities(f, m, qb, k + bytes * startK, logSumExp + bytes * ((long) pair * queries + i), p);
                for (int d = job % groups * group; d < Math.min(directions, (job % groups + 1) * group); d++) {
                    long out = at(f, dOut + bytes * (startO + (long) d * batch * queries * rowO()), i, rowO());
                    boolean scores = dq != 0 || dk != 0;
                    if (dq != 0) {
                        long t = at(f, dq + bytes * (startQ + (long) d * batch * queries * strideQ), i, strideQ);
                        product(
                                f,
                                false,
                                true,
                                m,
                                keys,
                                width,
                                t,
                                strideQ,
                                k + bytes * startK,
                                strideK,
                                false,
                                e,
                                keys);
                    }
                    if (dk != 0) {
                        long t = dk + bytes * (startK + (long) d * batch * keys * strideK);
                        product(f, false, true, m, keys, width, qb, strideQ, t, strideK, dq != 0, e, keys);
                    }
                    if (scores) {
                        f.softmaxDerivative(scale, p, e, e, 1, m, keys);
                        product(
                                f,
                                false,
                                false,
                                m,
                                width,
                                keys,
                                e,
                                keys,
                                v + bytes * startV,
                                strideV,
                                false,
                                out,
                                rowO());
                    }
                    if (dv != 0) {
                        long t = dv + bytes * (startV + (long) d * batch * keys * strideV);
                        product(f, false, false, m, width, keys, p, keys, t, strideV, scores, out, rowO());
                    }
                }
            }
        });
    }

    /** Cotangents of Q, K and V, in their operands' layouts, for a block of directions; the addresses may be those of parts of longer rows. */
    public void pull(
            Kernels f, int directions, long q, long k, long v, long logSumExp, long u, long dq, long dk, long dv) {
        int bytes = f.bytes();
        int group = group(directions);
        int groups = (directions + group - 1) / group;
        Workers.run(batch * heads * groups, job -> {
            int pair = job / groups;
            int b = pair / heads;
            long column = (long) (pair % heads) * width;
            long startQ = (long) b * queries * strideQ + column;
            long startK = (long) b * keys * strideK + column;
            long startV = (long) b * keys * strideV + column;
            long startO = (long) b * queries * rowO() + column;
            long p = Scratch.take(2L * bytes * block() * keys);
            long e = p + (long) bytes * block() * keys;
            // once at least: without queries, dK and dV are still to be set to zero
            for (int i = 0; i == 0 || i < queries; i += BLOCK) {
                int m = Math.min(BLOCK, queries - i);
                long qb = at(f, q + bytes * startQ, i, strideQ);
                probabilities(f, m, qb, k + bytes * startK, logSumExp + bytes * ((long) pair * queries + i), p);
                for (int d = job % groups * group; d < Math.min(directions, (job % groups + 1) * group); d++) {
                    long ub = at(f, u + bytes * (startO + (long) d * batch * queries * rowO()), i, rowO());
                    long dqb = at(f, dq + bytes * (startQ + (long) d * batch * queries * strideQ), i, strideQ);
                    long dkb = dk + bytes * (startK + (long) d * batch * keys * strideK);
                    long dvb = dv + bytes * (startV + (long) d * batch * keys * strideV);
                    boolean more = i > 0;
                    product(f, true, false, keys, width, m, p, keys, ub, rowO(), more, dvb, strideV);
                    product(f, false, true, m, keys, width, ub, rowO(), v + bytes * startV, strideV, false, e, keys);
                    f.softmaxDerivative(scale, p, e, e, 1, m, keys);
                    product(f, false, false, m, width, keys, e, keys, k + bytes * startK, strideK, false, dqb, strideQ);
                    product(f, true, false, keys, width, m, e, keys, qb, strideQ, more, dkb, strideK);
                }
            }
        });
    }

    private void probabilities(Kernels f, int m, long q, long k, long logSumExp, long p) {
        product(f, false, true, m, keys, width, q, strideQ, k, strideK, false, p, keys);
        f.softmaxFrom(scale, p, logSumExp, p, m, keys);
    }

    /** Directions that a job takes, so that P is computed again as seldom as there are enough jobs for every thread. */
    private int group(int directions) {
        return Math.max(1, (int) Math.min(directions, (long) batch * heads * directions / 16));
    }

    private static long at(Kernels f, long base, int row, int stride) {
        return base + (long) f.bytes() * row * stride;
    }

    private static void product(
            Kernels f,
            boolean ta,
            boolean tb,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            boolean accumulate,
            long c,
            int ldc) {
        f.gemm(1, ta, tb, m, n, k, a, lda, 0, b, ldb, 0, accumulate, c, ldc, 0);
    }
}

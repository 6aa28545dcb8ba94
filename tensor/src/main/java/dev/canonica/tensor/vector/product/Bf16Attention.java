package dev.canonica.tensor.vector.product;

import dev.canonica.tensor.kernel.Attention;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Scratch;
import dev.canonica.tensor.memory.Workers;
import dev.canonica.tensor.vector.code.Bf16Lanes;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.elements.RowKernels;

/**
 * The value of {@link Attention} with Q, K, V and P rounded to bfloat16, by products of pairs of such numbers: K and V of a head are packed once, queries
 * taken in blocks. If {@link Emission#bf16}.
 */
public final class Bf16Attention {
    private static final int BLOCK = 64; // rows of S at a time
    private static final int LINE = 64;

    private final Microkernels kernels;
    private final RowKernels rows;
    private final Attention shape;
    private final int pairs;
    private final int keyPairs;

    // bytes of a thread's buffers
    private final long packedK;
    private final long packedV;
    private final long narrowK;
    private final long narrowQ;
    private final long scores;
    private final long narrowP;

    /** For at least one key, query and column. */
    public Bf16Attention(Microkernels kernels, Attention shape) {
        this.kernels = kernels;
        rows = new RowKernels(kernels.emission());
        this.shape = shape;
        pairs = Bf16Lanes.pairs(shape.width());
        keyPairs = Bf16Lanes.pairs(shape.keys());
        packedK = Product.packedBytes(kernels, shape.keys(), pairs);
        packedV = Product.packedBytes(kernels, shape.width(), keyPairs);
        narrowK = (long) shape.keys() * EmittedNarrowing.step(shape.width());
        narrowQ = (long) BLOCK * EmittedNarrowing.step(shape.width());
        scores = 4L * BLOCK * shape.keys() + LINE - 1 & -LINE;
        narrowP = (long) BLOCK * EmittedNarrowing.step(shape.keys());
    }

    /** {@link dev.canonica.tensor.kernel.Kernels#attentionBf16}: Q, K and V of {@code x} to O at {@code o}. */
    public void value(Attention.Operands x, long o) {
        int heads = shape.heads();
        Workers.run(shape.batch() * heads, job -> head(job / heads, job % heads, x, o));
    }

    private void head(int b, int head, Attention.Operands x, long o) {
        int queries = shape.queries();
        int keys = shape.keys();
        int width = shape.width();
        long rightK = Scratch.take(packedK + packedV + narrowK + narrowQ + scores + narrowP);
        long rightV = rightK + packedK;
        long rowsK = rightV + packedV;
        long rowsQ = rowsK + narrowK;
        long s = rowsQ + narrowQ;
        long rowsP = s + scores;
        int step = EmittedNarrowing.step(width);
        int stepP = EmittedNarrowing.step(keys);

        long column = 4L * head * width;
        EmittedNarrowing.rows(
                x.k() + row(b, keys, shape.strideK()) + column, 4L * shape.strideK(), rowsK, step, keys, width);
        Product.packRight(kernels, new MatrixBatch(rowsK, pairs, keys, true, step / 4), rightK);
        long columnV = x.v() + row(b, keys, shape.strideV()) + column;
        Product.packPairs(kernels, new MatrixBatch(columnV, keys, width, false, shape.strideV()), rightV);
        for (int i = 0; i < queries; i += BLOCK) {
            int m = Math.min(BLOCK, queries - i);
            long from = x.q() + row(b, queries, shape.strideQ()) + 4L * i * shape.strideQ() + column;
            long to = o + row(b, queries, shape.strideO()) + 4L * i * shape.strideO() + column;
            EmittedNarrowing.rows(from, 4L * shape.strideQ(), rowsQ, step, m, width);
            Product.ofPairs(kernels, rowsQ, step, rightK, MatrixBatch.of(s, m, keys), pairs)
                    .compute();
            rows.softmax((float) shape.scale(), s, s, 0, m, keys);
            EmittedNarrowing.rows(s, 4L * keys, rowsP, stepP, m, keys);
            MatrixBatch out = new MatrixBatch(to, m, width, false, shape.strideO());
            Product.ofPairs(kernels, rowsP, stepP, rightV, out, keyPairs).compute();
        }
    }

    /** Bytes before the rows of a sequence. */
    private static long row(int b, int length, int stride) {
        return 4L * b * length * stride;
    }
}

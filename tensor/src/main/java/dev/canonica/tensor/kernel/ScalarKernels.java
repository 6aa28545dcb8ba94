package dev.canonica.tensor.kernel;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * The kernels as plain scalar loops in double precision: the oracle ({@link #F64}), and the scalar twin of the SIMD kernels and their
 * fallback where the JDK lacks the vector module ({@link #F32}). Written to be read against the formulas of {@link Kernels}.
 */
public final class ScalarKernels implements Kernels {
    /** On 64-bit elements. */
    public static final ScalarKernels F64 = new ScalarKernels(true);
    /** On 32-bit elements; arithmetic is in double precision, results are rounded when stored. */
    public static final ScalarKernels F32 = new ScalarKernels(false);

    private static final MemorySegment ALL = NativeMemory.ALL;

    private final boolean wide;
    private final int bytes;

    private ScalarKernels(boolean wide) {
        this.wide = wide;
        this.bytes = wide ? 8 : 4;
    }

    double get(long x, long i) {
        return wide ? ALL.get(JAVA_DOUBLE_UNALIGNED, x + 8 * i) : ALL.get(JAVA_FLOAT_UNALIGNED, x + 4 * i);
    }

    /** The numbers from number i of {@code x} on, as many as there is room for. */
    void widen(long x, long i, double[] line) {
        widen(x, i, line, 0, line.length);
    }

    /** So many numbers from number i of {@code x} on; copied at once, which stays fast where the compiler leaves {@link #get} a call. */
    void widen(long x, long i, double[] line, int from, int count) {
        if (wide) {
            MemorySegment.copy(ALL, JAVA_DOUBLE_UNALIGNED, x + 8 * i, line, from, count);
            return;
        }
        float[] narrow = new float[count];
        MemorySegment.copy(ALL, JAVA_FLOAT_UNALIGNED, x + 4 * i, narrow, 0, count);
        for (int j = 0; j < count; j++) {
            line[from + j] = narrow[j];
        }
    }

    void set(long x, long i, double v) {
        if (wide) {
            ALL.set(JAVA_DOUBLE_UNALIGNED, x + 8 * i, v);
        } else {
            ALL.set(JAVA_FLOAT_UNALIGNED, x + 4 * i, (float) v);
        }
    }

    private long at(long x, long i) {
        return x + bytes * i;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    @Override
    public void fill(double value, long y, long n) {
        for (long i = 0; i < n; i++) {
            set(y, i, value);
        }
    }

    @Override
    public void unary(Unary op, long x, long y, long n) {
        Split.range(n, Split.GRAIN, (from, to) -> {
            for (long i = from; i < to; i++) {
                set(y, i, op.apply(get(x, i)));
            }
        });
    }

    @Override
    public void affine(double scale, double shift, long x, long y, long n) {
        for (long i = 0; i < n; i++) {
            set(y, i, scale * get(x, i) + shift);
        }
    }

    @Override
    public void axpy(double scale, long x, long y, long n) {
        for (long i = 0; i < n; i++) {
            set(y, i, get(y, i) + scale * get(x, i));
        }
    }

    @Override
    public void binary(Binary op, Walk walk, long x, long y, long z) {
        long n = walk.inner();
        long sx = walk.innerStride(0);
        long sy = walk.innerStride(1);
        Split.rows(walk.outer(), n, (from, to) -> {
            for (long o = from; o < to; o++) {
                long ox = walk.offset(0, o);
                long oy = walk.offset(1, o);
                for (long i = 0; i < n; i++) {
                    set(z, o * n + i, op.apply(get(x, ox + i * sx), get(y, oy + i * sy)));
                }
            }
        });
    }

    @Override
    public void ternary(Ternary op, Walk walk, long x, long y, long z, long r) {
        long n = walk.inner();
        long sx = walk.innerStride(0);
        long sy = walk.innerStride(1);
        long sz = walk.innerStride(2);
        Split.rows(walk.outer(), n, (from, to) -> {
            for (long o = from; o < to; o++) {
                long ox = walk.offset(0, o);
                long oy = walk.offset(1, o);
                long oz = walk.offset(2, o);
                for (long i = 0; i < n; i++) {
                    set(r, o * n + i, op.apply(get(x, ox + i * sx), get(y, oy + i * sy), get(z, oz + i * sz)));
                }
            }
        });
    }

    @Override
    public void copy(Walk walk, long x, long y) {
        StridedCopy.run(bytes, walk, x, y);
    }

    @Override
    public void sum(long x, long y, long outer, long n, long inner) {
        for (long o = 0; o < outer; o++) {
            for (long i = 0; i < inner; i++) {
                double s = 0;
                for (long j = 0; j < n; j++) {
                    s += get(x, (o * n + j) * inner + i);
                }
                set(y, o * inner + i, s);
            }
        }
    }

    @Override
    public void max(long x, long y, long outer, long n, long inner) {
        for (long o = 0; o < outer; o++) {
            for (long i = 0; i < inner; i++) {
                double s = Double.NEGATIVE_INFINITY;
                for (long j = 0; j < n; j++) {
                    s = Math.max(s, get(x, (o * n + j) * inner + i));
                }
                set(y, o * inner + i, s);
            }
        }
    }

    @Override
    public void gemm(MatrixBatch x, MatrixBatch y, boolean accumulate, MatrixBatch z) {
        MatrixBatch.check(x, y, z);
        ScalarProduct.gemm(this, x, y, accumulate, z);
    }

    @Override
    public boolean bf16() {
        return !wide;
    }

    @Override
    public long packedBytesBf16(MatrixBatch w) {
        return (long) bytes * w.rows() * w.columns();
    }

    @Override
    public void packBf16(MatrixBatch w, long packed) {
        roundBf16(w.address(), packed, (long) w.rows() * w.columns());
    }

    @Override
    public void linearBf16(MatrixBatch x, MatrixBatch w, long packed, Epilogue e, long y) {
        long n = (long) x.rows() * x.columns();
        long rounded = Scratch.take(bytes * n);
        roundBf16(x.address(), rounded, n);
        linear(x.in(rounded), w.in(packed), 0, e, y);
    }

    @Override
    public void roundBf16(long x, long y, long n) {
        for (long i = 0; i < n; i++) {
            set(y, i, Bfloat16.round((float) get(x, i)));
        }
    }

    @Override
    public void softmax(double scale, long x, long y, long logSumExp, long rows, int n) {
        Split.rows(rows, n, (from, to) -> {
            for (long r = from; r < to; r++) {
                double max = Double.NEGATIVE_INFINITY;
                for (int i = 0; i < n; i++) {
                    max = Math.max(max, scale * get(x, r * n + i));
                }
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += Math.exp(scale * get(x, r * n + i) - max);
                }
                for (int i = 0; i < n; i++) {
                    set(y, r * n + i, Math.exp(scale * get(x, r * n + i) - max) / sum);
                }
                if (logSumExp != 0) {
                    set(logSumExp, r, max + Math.log(sum));
                }
            }
        });
    }

    @Override
    public void softmaxFrom(double scale, long x, long logSumExp, long y, long rows, int n) {
        for (long r = 0; r < rows; r++) {
            for (int i = 0; i < n; i++) {
                set(y, r * n + i, Math.exp(scale * get(x, r * n + i) - get(logSumExp, r)));
            }
        }
    }

    @Override
    public void softmaxDerivative(double scale, long y, long d, long r, int k, long rows, int n) {
        Split.rows(k * rows, n, (from, to) -> {
            for (long q = from; q < to; q++) {
                long yq = q % rows * n;
                double dot = 0;
                for (int i = 0; i < n; i++) {
                    dot += get(y, yq + i) * get(d, q * n + i);
                }
                for (int i = 0; i < n; i++) {
                    set(r, q * n + i, scale * get(y, yq + i) * (get(d, q * n + i) - dot));
                }
            }
        });
    }

    @Override
    public void normalize(double epsilon, long x, long y, long s, long rows, int n) {
        Split.rows(rows, n, (from, to) -> {
            for (long r = from; r < to; r++) {
                double mean = 0;
                for (int i = 0; i < n; i++) {
                    mean += get(x, r * n + i);
                }
                mean /= n;
                double variance = 0;
                for (int i = 0; i < n; i++) {
                    double e = get(x, r * n + i) - mean;
                    variance += e * e;
                }
                double scale = 1 / Math.sqrt(variance / n + epsilon);
                for (int i = 0; i < n; i++) {
                    set(y, r * n + i, (get(x, r * n + i) - mean) * scale);
                }
                set(s, r, scale);
            }
        });
    }

    @Override
    public void normalizeDerivative(long y, long s, long d, long r, int k, long rows, int n) {
        Split.rows(k * rows, n, (from, to) -> {
            for (long q = from; q < to; q++) {
                long yq = q % rows * n;
                double mean = 0;
                double dot = 0;
                for (int i = 0; i < n; i++) {
                    mean += get(d, q * n + i);
                    dot += get(y, yq + i) * get(d, q * n + i);
                }
                mean /= n;
                dot /= n;
                for (int i = 0; i < n; i++) {
                    set(r, q * n + i, get(s, q % rows) * (get(d, q * n + i) - mean - get(y, yq + i) * dot));
                }
            }
        });
    }

    @Override
    public void channelNorm(ChannelNorm c, ChannelNorm.Point p, long shift, long y) {
        new ScalarChannelNorm(this, c).value(p, shift, y);
    }

    @Override
    public void channelNormPush(ChannelNorm c, int directions, ChannelNorm.Point p, ChannelNorm.Tangents d, long dy) {
        new ScalarChannelNorm(this, c).push(directions, p, d, dy);
    }

    @Override
    public void channelNormPull(ChannelNorm c, int directions, ChannelNorm.Point p, long u, ChannelNorm.Tangents d) {
        new ScalarChannelNorm(this, c).pull(directions, p, u, d);
    }

    @Override
    public void gather(long x, long index, long y, long count, long width) {
        for (long i = 0; i < count; i++) {
            long row = ALL.get(JAVA_LONG_UNALIGNED, index + 8 * i);
            MemorySegment.copy(ALL, at(x, row * width), ALL, at(y, i * width), bytes * width);
        }
    }

    @Override
    public void scatterAdd(long x, long index, long y, long count, long width) {
        for (long i = 0; i < count; i++) {
            long row = ALL.get(JAVA_LONG_UNALIGNED, index + 8 * i);
            for (long j = 0; j < width; j++) {
                set(y, row * width + j, get(y, row * width + j) + get(x, i * width + j));
            }
        }
    }

    @Override
    public void convolution(Filters f, long x, long w, long packed, long bias, long y) {
        ScalarConvolution.value(this, f, x, w, bias, y);
    }

    @Override
    public void convolutionLast(ChannelsLast c, long x, long w, long packed, long bias, long residual, long y) {
        ScalarPixels.value(this, c, x, w, bias, residual, y);
    }

    @Override
    public void maxPixels(Window window, long x, long y, long images, int channels) {
        ScalarPixels.max(this, window, x, y, images, channels);
    }

    @Override
    public void convolutionPullImages(Filters f, long u, long w, long x) {
        ScalarConvolution.pullImages(this, f, u, w, x);
    }

    @Override
    public void convolutionPullFilters(Filters f, long x, long u, long w) {
        ScalarConvolution.pullFilters(this, f, x, u, w);
    }

    @Override
    public void sumWindows(Window window, double scale, long x, long y, long planes) {
        ScalarWindows.sum(this, window, scale, x, y, planes);
    }

    @Override
    public void spreadWindows(Window window, double scale, long u, long x, long planes) {
        ScalarWindows.spread(this, window, scale, u, x, planes);
    }

    @Override
    public void maxWindows(Window window, long x, long y, long index, long planes) {
        ScalarWindows.max(this, window, x, y, index, planes);
    }

    @Override
    public void gatherPlanes(long x, long index, long y, int k, long planes, long size, long count) {
        ScalarWindows.gather(this, x, index, y, k, planes, size, count);
    }

    @Override
    public void scatterPlanes(long u, long index, long x, int k, long planes, long size, long count) {
        ScalarWindows.scatter(this, u, index, x, k, planes, size, count);
    }

    @Override
    public void adamW(AdamW s, long x, long gradient, long m, long v, long n) {
        for (long i = 0; i < n; i++) {
            double g = get(gradient, i) * s.gradientScale();
            double m1 = s.beta1() * get(m, i) + (1 - s.beta1()) * g;
            double v1 = s.beta2() * get(v, i) + (1 - s.beta2()) * g * g;
            double step = m1 / s.correction1() / (Math.sqrt(v1 / s.correction2()) + s.epsilon());
            set(x, i, get(x, i) - s.rate() * (step + s.decay() * get(x, i)));
            set(m, i, m1);
            set(v, i, v1);
        }
    }
}

package dev.canonica.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Session;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Runs one kernel as SIMD code on one thread and on three, and as scalar code, on copies of the same buffers: the first two must agree in every
 * bit, the third within a tolerance. Buffers start at no multiple of a vector, and what lies around them must stay as it was.
 */
public final class Twins {
    static final int[] SIZES = {0, 1, 7, 15, 16, 17, 31, 33, 63, 65, 1000, (1 << 14) + 17, 3 * (1 << 14) + 1};

    private static final int GUARD = 21;
    private static final float UNTOUCHED = -12345.678f;

    private Twins() {}

    /** A kernel on the buffers with these addresses. */
    @FunctionalInterface
    interface Call {
        void run(Kernels f, long[] addresses);
    }

    public static float[] random(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) random.nextGaussian();
        }
        return v;
    }

    /** The difference |vector − scalar| may be {@code relative} · |scalar| + {@code absolute}, for every element of every buffer. */
    static void agree(KernelForm form, String name, double relative, double absolute, Call call, float[]... buffers) {
        Kernels vector = new VectorKernels(form);
        float[][] one = Session.current().withThreads(1).call(() -> run(vector, call, buffers));
        float[][] three = Session.current().withThreads(3).call(() -> run(vector, call, buffers));
        float[][] scalar = run(ScalarKernels.F32, call, buffers);
        for (int b = 0; b < buffers.length; b++) {
            for (int i = 0; i < buffers[b].length; i++) {
                float v = one[b][i];
                float s = scalar[b][i];
                if (Float.floatToIntBits(v) != Float.floatToIntBits(three[b][i])) {
                    throw new AssertionError(name + ": buffer " + b + " [" + i + "]: " + v + " on one thread, "
                            + three[b][i] + " on three");
                }
                if (!close(v, s, relative, absolute)) {
                    throw new AssertionError(name + ": buffer " + b + " [" + i + "]: vector " + v + ", scalar " + s
                            + ", was " + buffers[b][i]);
                }
            }
        }
    }

    static boolean close(float v, float s, double relative, double absolute) {
        return Float.compare(v, s) == 0
                || v == s
                || Math.abs((double) v - s) <= relative * Math.abs((double) s) + absolute;
    }

    /** The buffers' contents after the call. */
    static float[][] run(Kernels f, Call call, float[]... buffers) {
        long[] raw = new long[buffers.length];
        long[] addresses = new long[buffers.length];
        try {
            for (int b = 0; b < buffers.length; b++) {
                int n = buffers[b].length;
                raw[b] = NativeMemory.allocate(4L * (n + 2 * GUARD), 64);
                float[] guarded = new float[n + 2 * GUARD];
                Arrays.fill(guarded, UNTOUCHED);
                System.arraycopy(buffers[b], 0, guarded, GUARD, n);
                MemorySegment.copy(guarded, 0, NativeMemory.ALL, ValueLayout.JAVA_FLOAT, raw[b], guarded.length);
                addresses[b] = raw[b] + 4L * GUARD;
            }
            call.run(f, addresses);
            float[][] after = new float[buffers.length][];
            for (int b = 0; b < buffers.length; b++) {
                int n = buffers[b].length;
                float[] guarded = new float[n + 2 * GUARD];
                MemorySegment.copy(NativeMemory.ALL, ValueLayout.JAVA_FLOAT, raw[b], guarded, 0, guarded.length);
                for (int i = 0; i < GUARD; i++) {
                    assertThat(guarded[i]).as("before buffer " + b).isEqualTo(UNTOUCHED);
                    assertThat(guarded[GUARD + n + i]).as("after buffer " + b).isEqualTo(UNTOUCHED);
                }
                after[b] = Arrays.copyOfRange(guarded, GUARD, GUARD + n);
            }
            return after;
        } finally {
            for (long address : raw) {
                if (address != 0) {
                    NativeMemory.free(address);
                }
            }
        }
    }
}

package dev.canonica.models.nn;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;

/** Sinusoidal embedding of times (Ho et al., 2020, after Vaswani et al., 2017). */
public final class TimestepEmbedding {
    /** Width of the embedding in DiT. */
    public static final int FREQUENCIES = 256;

    private TimestepEmbedding() {}

    /**
     * The embedding, computed in double:
     *
     * <pre>
     *   e_i = cos(t ω_i), e_{h+i} = sin(t ω_i) with ω_i = 10000^(−i / (h − shift)), h = width / 2
     * </pre>
     *
     * @param t times [B]; with the processor, where they need not be waited for
     * @param shift 0 as in guided-diffusion and DiT, 1 as in DDPM and diffusers
     * @return [B, width]
     */
    public static Tensor sinusoids(Tensor t, int width, int shift, DType dtype) {
        int half = width / 2;
        double[] times = t.toDoubles();
        double[] e = new double[times.length * width];
        for (int b = 0; b < times.length; b++) {
            for (int i = 0; i < half; i++) {
                double phase = times[b] * Math.exp(-Math.log(10000) * i / (half - shift));
                e[b * width + i] = Math.cos(phase);
                e[b * width + half + i] = Math.sin(phase);
            }
        }
        return Tensor.of(e, times.length, width).to(dtype);
    }
}

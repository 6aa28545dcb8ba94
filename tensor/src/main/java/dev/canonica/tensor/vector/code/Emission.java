package dev.canonica.tensor.vector.code;

import dev.canonica.tensor.kernel.KernelForm;
import java.util.Locale;

/**
 * What machine code vector kernels run on, where they do not run on the Vector API. Kernels are made for one of these and keep to it, so that those of two forms
 * can be compared in one process.
 */
public enum Emission {
    /** None: everything by the Vector API. */
    NONE,
    /** Matrix products by AVX2 and FMA. */
    AVX2,
    /** Matrix products, functions of elements and rows by AVX-512. */
    AVX512,
    /** As {@link #AVX512}, and products of pairs of bfloat16 numbers. */
    AVX512_BF16;

    /** What this form of kernels runs on here; nothing where code cannot be emitted. */
    public static Emission of(KernelForm form) {
        return form == KernelForm.EMITTED ? Possible.HERE : NONE;
    }

    /** Whether matrix products are emitted. */
    public boolean any() {
        return this != NONE;
    }

    /** Whether code for vectors of 512 bits is. */
    public boolean avx512() {
        return this == AVX512 || this == AVX512_BF16;
    }

    /** Whether products of pairs of bfloat16 numbers are. */
    public boolean bf16() {
        return this == AVX512_BF16;
    }

    /** Found out when first asked for, since the processor is asked by emitted code. */
    private static final class Possible {
        static final Emission HERE = probe();

        private static Emission probe() {
            String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
            String arch = System.getProperty("os.arch");
            boolean convention =
                    (os.startsWith("linux") || os.startsWith("mac")) && (arch.equals("amd64") || arch.equals("x86_64"));
            if (!convention) {
                return NONE;
            }
            try {
                Cpuid processor = Cpuid.read();
                if (Lanes.L == 16 && processor.avx512()) {
                    return processor.bf16() ? AVX512_BF16 : AVX512;
                }
                return Lanes.L == 8 && processor.avx2() && processor.fma() ? AVX2 : NONE;
            } catch (IllegalStateException e) {
                System.getLogger("dev.canonica.tensor")
                        .log(
                                System.Logger.Level.INFO,
                                "matrix products start slowly, by the Vector API: {0} (-Dcanonica.kernels=vector silences"
                                        + " this)",
                                e.getMessage());
                return NONE;
            }
        }
    }
}

package dev.canonica.cuda;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.cuda.kernel.CudaKernels;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kernel against the scalar one, operand by operand, each in a block of memory of exactly its size. */
class KernelsTest {
    private static final MemorySegment ALL = NativeMemory.ALL;

    @Test
    void computeWhatTheProcessorDoes() {
        checkAll(Emulated.device());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    @Tag("emulator")
    void computeItInEveryMode(Emulated.Mode mode) {
        CudaDevice device = Emulated.device();
        try (EmulatedDriver _ = mode.begin()) {
            checkAll(device);
        }
    }

    @Test
    void allAreInTheTable() {
        List<String> names =
                KernelCases.all().stream().map(c -> c.name().split(" ")[0]).toList();
        Stream<String> methods = Arrays.stream(Kernels.class.getDeclaredMethods())
                .filter(m -> m.getReturnType() == void.class)
                .map(Method::getName)
                .filter(name -> !name.endsWith("pack") // the device reads matrices as they lie
                        && !name.endsWith("Bf16") // and does not round them
                        && !name.equals("convolutionLast") // its images are planes
                        && !name.equals("maxPixels"));
        assertThat(names).containsAll(methods.toList());
        assertThat(Emulated.device()
                        .kernels(DType.F32)
                        .packedBytes(64, MatrixBatch.of(0, 64, 64).transpose()))
                .isZero();
        assertThat(Emulated.device().kernels(DType.F32).channelsLast()).isFalse();
    }

    private static void checkAll(CudaDevice device) {
        Kernels ownF32 = new CudaKernels(device, device.launches(), false, device.tiled());
        Kernels ownF64 = new CudaKernels(device, device.launches(), true, device.tiled());
        for (KernelCase c : KernelCases.all()) {
            check(device, c, device.kernels(DType.F32), ScalarKernels.F32, 2e-5);
            check(device, c, device.kernels(DType.F64), ScalarKernels.F64, 1e-12);
            // those above are by cuBLAS and, where there is none, these once more
            if (c.name().startsWith("gemm") || c.name().startsWith("convolution")) {
                check(device, c, ownF32, ScalarKernels.F32, 2e-5);
                check(device, c, ownF64, ScalarKernels.F64, 1e-12);
            }
        }
    }

    private static void check(CudaDevice device, KernelCase c, Kernels tested, Kernels oracle, double tolerance) {
        int n = c.operands().size();
        long[] host = new long[n];
        long[] there = new long[n];
        for (int i = 0; i < n; i++) {
            KernelCase.Operand operand = c.operands().get(i);
            long bytes = operand.bytes(oracle);
            host[i] = NativeMemory.allocate(Math.max(1, bytes), 64);
            fill(operand, oracle, host[i], new Philox(c.name().hashCode(), i));
            there[i] = device.source().allocate(bytes);
            device.upload(host[i], there[i], bytes);
        }
        c.call().run(oracle, host);
        c.call().run(tested, there);
        for (int i = 0; i < n; i++) {
            KernelCase.Operand operand = c.operands().get(i);
            long copy = NativeMemory.allocate(Math.max(1, operand.bytes(oracle)), 64);
            device.download(there[i], copy, operand.bytes(oracle));
            compare(
                    c + " of " + oracle.bytes() + " bytes, operand " + i,
                    values(operand, oracle, copy),
                    values(operand, oracle, host[i]),
                    tolerance);
            NativeMemory.free(copy);
            NativeMemory.free(host[i]);
            device.source().free(there[i]);
        }
    }

    private static void compare(String where, double[] got, double[] expected, double tolerance) {
        double scale = Arrays.stream(expected)
                .map(Math::abs)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        for (int e = 0; e < expected.length; e++) {
            boolean same =
                    Double.compare(got[e], expected[e]) == 0 || Math.abs(got[e] - expected[e]) <= tolerance * scale;
            if (!same) {
                throw new AssertionError(String.format(
                        Locale.ROOT,
                        "%s: element %d of %d is %s, should be %s",
                        where,
                        e,
                        expected.length,
                        got[e],
                        expected[e]));
            }
        }
    }

    private static void fill(KernelCase.Operand operand, Kernels k, long at, Philox random) {
        for (int e = 0; e < operand.size(); e++) {
            switch (operand.indexBytes()) {
                case 8 -> ALL.set(JAVA_LONG_UNALIGNED, at + 8L * e, random.bounded(e, operand.range()));
                case 4 -> ALL.set(JAVA_INT_UNALIGNED, at + 4L * e, random.bounded(e, operand.range()));
                default -> {
                    if (k.bytes() == 8) {
                        ALL.set(JAVA_DOUBLE_UNALIGNED, at + 8L * e, (float) random.normal(e));
                    } else {
                        ALL.set(JAVA_FLOAT_UNALIGNED, at + 4L * e, (float) random.normal(e));
                    }
                }
            }
        }
    }

    private static double[] values(KernelCase.Operand operand, Kernels k, long at) {
        double[] v = new double[Math.toIntExact(operand.size())];
        for (int e = 0; e < v.length; e++) {
            v[e] = switch (operand.indexBytes()) {
                case 8 -> ALL.get(JAVA_LONG_UNALIGNED, at + 8L * e);
                case 4 -> ALL.get(JAVA_INT_UNALIGNED, at + 4L * e);
                default ->
                    k.bytes() == 8
                            ? ALL.get(JAVA_DOUBLE_UNALIGNED, at + 8L * e)
                            : ALL.get(JAVA_FLOAT_UNALIGNED, at + 4L * e);
            };
        }
        return v;
    }
}

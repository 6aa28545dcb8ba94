package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Tensors of every type for the tests of files, and the check that no bytes make a reader fail in any way but its own. */
final class Samples {
    private Samples() {}

    /** A tensor whose elements are small whole numbers. */
    static Tensor tensor(DType type, int... dims) {
        Shape shape = Shape.of(dims);
        double[] v = new double[Math.toIntExact(shape.size())];
        for (int i = 0; i < v.length; i++) {
            v[i] = type == DType.BOOL ? i % 2 : type == DType.U8 ? i % 256 : i % 3 == 0 ? -i : i;
        }
        return Tensor.of(v, dims).to(type);
    }

    /** One tensor of each type, with awkward shapes. */
    static Map<String, Tensor> ofEveryType(boolean withBfloat) {
        Map<String, Tensor> map = new LinkedHashMap<>();
        int[][] shapes = {{3, 5}, {}, {0}, {1}, {2, 0, 3}, {1, 1, 7}, {17}, {2, 3, 4, 5}};
        int i = 0;
        for (DType type : DType.values()) {
            if (withBfloat || type != DType.BF16) {
                map.put("group/" + type + " é", tensor(type, shapes[i++]));
            }
        }
        return map;
    }

    static void assertSame(Map<String, Tensor> read, Map<String, Tensor> written) {
        assertThat(read).containsOnlyKeys(written.keySet());
        written.forEach((name, t) -> {
            assertThat(read.get(name)).hasToString(t.toString());
            assertThat(read.get(name).toDoubles()).as(name).isEqualTo(t.toDoubles());
        });
    }

    /** Reads every truncation and many damaged copies of a file: the outcome is a result or a {@link FormatException} of one line. */
    static void assertRobust(Path file, Function<Path, ?> reader) throws IOException {
        byte[] good = Files.readAllBytes(file);
        Path bad = file.resolveSibling("bad");
        for (int length = 0; length < good.length; length++) {
            Files.write(bad, Arrays.copyOf(good, length));
            assertThat(outcome(bad, reader))
                    .as("cut to " + length + " of " + good.length)
                    .isInstanceOf(FormatException.class);
        }
        SplittableRandom random = new SplittableRandom(17);
        for (int trial = 0; trial < 1000; trial++) {
            byte[] b = good.clone();
            int flips = 1 + random.nextInt(3);
            for (int f = 0; f < flips; f++) {
                b[random.nextInt(b.length)] = (byte) random.nextInt(256);
            }
            Files.write(bad, b);
            outcome(bad, reader);
        }
    }

    private static Object outcome(Path file, Function<Path, ?> reader) {
        try {
            return reader.apply(file);
        } catch (FormatException e) {
            assertThat(e).hasMessageStartingWith(file.toString()).hasMessageNotContaining("\n");
            return e;
        }
    }
}

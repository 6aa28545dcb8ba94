package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
    /** The lines "philox4x32 10" of Random123's {@code tests/kat_vectors}: counter, key, result. */
    @ParameterizedTest
    @CsvSource({
        "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void knownAnswers(String counter, String key, String result) {
        int[] c = words(counter);
        int[] k = words(key);
        int[] out = new int[4];
        Philox.block(join(c[0], c[1]), join(c[2], c[3]), join(k[0], k[1]), out);
        assertThat(out).isEqualTo(words(result));
    }

    @Test
    void wordsAreTheCipherOfBlockAndStream() {
        assertThat(new Philox(0).word(0)).isEqualTo(0x6627e8d5);
        assertThat(new Philox(0).word(3)).isEqualTo(0x9b00dbd8);
        Philox random = new Philox(0x299f31d0a4093822L, 0x0370734413198a2eL);
        int[] out = new int[4];
        Philox.block(5, random.stream(), random.seed(), out);
        assertThat(random.word(22)).isEqualTo(out[2]);
    }

    @Test
    void fillsDoNotDependOnChunks() {
        Philox random = new Philox(42, 7);
        for (int length : new int[] {0, 1, 2, 3, 5, 7, 31, 65}) {
            for (long first : new long[] {0, 1, 2, 3, 9, (1L << 34) + 1, Long.MAX_VALUE - 100}) {
                float[] uniforms = new float[length];
                float[] normals = new float[length + 2];
                double[] uniformDoubles = new double[length];
                double[] normalDoubles = new double[length];
                random.uniforms(first, uniforms);
                random.normals(first, normals, 1, length);
                random.uniforms(first, uniformDoubles);
                random.normals(first, normalDoubles);
                for (int i = 0; i < length; i++) {
                    assertThat(uniforms[i]).isEqualTo(random.uniform(first + i));
                    assertThat(normals[i + 1]).isEqualTo((float) random.normal(first + i));
                    assertThat(uniformDoubles[i]).isEqualTo(random.uniformDouble(first + i));
                    assertThat(normalDoubles[i]).isEqualTo(random.normal(first + i));
                }
                assertThat(normals[0]).isZero();
                assertThat(normals[length + 1]).isZero();
            }
        }
    }

    /** Bits written down once: any change of the mapping from words to values, or of a machine's arithmetic, shows here. */
    @Test
    void sameBitsEverywhere() {
        Philox random = new Philox(2506_09955L, 3);
        assertThat(random.word(0)).isEqualTo(0xd73117dc);
        assertThat(random.uniformDouble(0)).isEqualTo(0.45288802097565317);
        assertThat(random.normal(0)).isEqualTo(-0.5636868293331027);
        assertThat(random.normal(1)).isEqualTo(0.1719094996372271);
        assertThat(random.child(5).seed()).isEqualTo(0x99bd9e738e5b440eL);
        assertThat(random.child(5).stream()).isEqualTo(0x0e3118f71c756dd8L);
        double[] normals = new double[1001];
        random.normals(0, normals);
        double[] uniforms = new double[1001];
        random.uniforms(0, uniforms);
        assertThat(Arrays.hashCode(normals)).isEqualTo(-29906477);
        assertThat(Arrays.hashCode(uniforms)).isEqualTo(-1807019856);
        assertThat(Arrays.hashCode(random.permutation(1001))).isEqualTo(-487015305);
    }

    @Test
    void uniformMoments() {
        int n = 100_000;
        float[] x = new float[n];
        new Philox(1, 2).uniforms(0, x);
        double mean = 0;
        double square = 0;
        for (float v : x) {
            assertThat(v >= 0 && v < 1).isTrue();
            mean += v / n;
            square += (double) v * v / n;
        }
        assertThat(mean).isCloseTo(0.5, within(5 * Math.sqrt(1 / 12.0 / n)));
        assertThat(square).isCloseTo(1 / 3.0, within(5 * Math.sqrt(4 / 45.0 / n)));
    }

    @Test
    void normalMoments() {
        int n = 100_000;
        double[] x = new double[n];
        new Philox(3, 4).normals(0, x);
        double[] moments = new double[5];
        double neighbours = 0;
        for (int i = 0; i < n; i++) {
            for (int k = 1; k <= 4; k++) {
                moments[k] += Math.pow(x[i], k) / n;
            }
            neighbours += x[i] * x[(i + 1) % n] / n;
        }
        double sigma = 5 / Math.sqrt(n);
        assertThat(moments[1]).isCloseTo(0, within(sigma));
        assertThat(moments[2]).isCloseTo(1, within(sigma * Math.sqrt(2)));
        assertThat(moments[3]).isCloseTo(0, within(sigma * Math.sqrt(15)));
        assertThat(moments[4]).isCloseTo(3, within(sigma * Math.sqrt(96)));
        assertThat(neighbours).isCloseTo(0, within(sigma));
    }

    @Test
    void boundedCoversItsRangeEvenly() {
        Philox random = new Philox(5);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) {
            counts[random.bounded(i, 7)]++;
        }
        for (int count : counts) {
            assertThat((double) count).isCloseTo(10_000, within(5 * Math.sqrt(10_000)));
        }
        assertThat(random.bounded(9, 1)).isZero();
        assertThat(random.bounded(9, Integer.MAX_VALUE)).isBetween(0, Integer.MAX_VALUE - 1);
    }

    @Test
    void permutationsAreBijectionsAndDiffer() {
        Philox random = new Philox(6);
        assertThat(random.permutation(0)).isEmpty();
        assertThat(random.permutation(1)).containsExactly(0);
        int[] p = random.permutation(63);
        int[] sorted = p.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < 63; i++) {
            assertThat(sorted[i]).isEqualTo(i);
        }
        assertThat(random.stream(1).permutation(63)).isNotEqualTo(p);
        Set<String> all = new HashSet<>();
        for (int stream = 0; stream < 200; stream++) {
            all.add(Arrays.toString(random.stream(stream).permutation(3)));
        }
        assertThat(all).hasSize(6);
    }

    @Test
    void seedsStreamsAndChildrenDiffer() {
        Philox random = new Philox(1, 1);
        Set<Integer> words = new HashSet<>();
        words.add(random.word(0));
        words.add(random.stream(2).word(0));
        words.add(new Philox(2, 1).word(0));
        words.add(random.child(0).word(0));
        words.add(random.child(1).word(0));
        words.add(random.stream(2).child(1).word(0));
        words.add(random.child(1).child(1).word(0));
        assertThat(words).hasSize(7);
    }

    @Test
    void errorsNameTheFault() {
        Philox random = new Philox(1);
        assertThatThrownBy(() -> random.uniform(-1)).hasMessage("Philox: the index must not be negative: -1");
        assertThatThrownBy(() -> random.normals(-3, new float[2]))
                .hasMessage("Philox: the index must not be negative: -3");
        assertThatThrownBy(() -> random.bounded(0, 0)).hasMessage("bounded: the bound must be positive: 0");
        assertThatThrownBy(() -> random.permutation(-1)).hasMessage("permutation: the size must not be negative: -1");
        assertThatThrownBy(() -> random.normals(0, new float[2], 1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static int[] words(String hex) {
        return Arrays.stream(hex.split(" "))
                .mapToInt(w -> Integer.parseUnsignedInt(w, 16))
                .toArray();
    }

    private static long join(int low, int high) {
        return (long) high << 32 | Integer.toUnsignedLong(low);
    }
}

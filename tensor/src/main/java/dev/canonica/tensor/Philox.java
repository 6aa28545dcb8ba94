package dev.canonica.tensor;

import java.util.Objects;

/**
 * Random numbers as a function of (seed, stream, index): Philox4x32-10, the counter-based generator of Salmon, Moraes,
 * Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 *
 * <p>An instance has no state: every value is computed from its index in O(1), so the values do not depend on who asks,
 * in which order, in what chunks or on how many threads. The seed is the cipher's key; the counter is
 * {@code (block, stream)}, 64 bits each. One block gives four 32-bit words, and word {@code i} is word {@code i mod 4} of
 * block {@code i / 4}:
 *
 * <pre>
 *   word(i), uniform(i), normal(i)         come from word i          (normals in pairs: words 2j and 2j + 1)
 *   uniformDouble(i), bounded(i, n)        come from words 2i, 2i + 1
 * </pre>
 *
 * <p>Two kinds of value at overlapping indices of one stream are therefore not independent: give each purpose a stream of
 * its own ({@link #stream}, {@link #child}). Normals are computed in double with {@link StrictMath}: the same bits on any
 * machine.
 */
public final class Philox {
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;

    /** Sets the keys of {@link #child} apart from those of values, so that no child is made of words that a caller sees. */
    private static final long CHILD = 0x6A09E667F3BCC909L;

    private static final float ULP_24 = 0x1p-24f;
    private static final double ULP_32 = 0x1p-32;
    private static final double ULP_53 = 0x1p-53;

    private final long seed;
    private final long stream;

    /** The generator of a seed and a stream; any two 64-bit values are good ones. */
    public Philox(long seed, long stream) {
        this.seed = seed;
        this.stream = stream;
    }

    /** The generator of a seed, stream 0. */
    public Philox(long seed) {
        this(seed, 0);
    }

    /** The seed: half of the key of every number that this draws. */
    public long seed() {
        return seed;
    }

    /** The stream: the numbers of two streams of a seed have nothing to do with each other. */
    public long stream() {
        return stream;
    }

    /** Another stream of the same seed. */
    public Philox stream(long other) {
        return new Philox(seed, other);
    }

    /**
     * A generator of its own for {@code label}, unrelated to this one, to its other children and to other streams: for
     * seeds of seeds, such as one per split, then one stream per image.
     */
    public Philox child(long label) {
        int[] words = new int[4];
        block(label, stream, seed ^ CHILD, words);
        return new Philox(join(words[1], words[0]), join(words[3], words[2]));
    }

    /** Word {@code index} of the stream: 32 random bits. */
    public int word(long index) {
        return blockOf(index >>> 2, index)[(int) index & 3];
    }

    /** Uniform on [0, 1): a multiple of 2⁻²⁴. */
    public float uniform(long index) {
        return toUniform(word(index));
    }

    /** Uniform on [0, 1): a multiple of 2⁻⁵³. */
    public double uniformDouble(long index) {
        return (bits64(index) >>> 11) * ULP_53;
    }

    /**
     * Standard normal, by Box and Muller: with u₁ in (0, 1), u₂ in [0, 1) of 32 bits from words 2j and 2j + 1, the values 2j
     * and 2j + 1 are √(−2 ln u₁) cos 2πu₂ and √(−2 ln u₁) sin 2πu₂. The largest is 6.76.
     */
    public double normal(long index) {
        int[] words = blockOf(index >>> 2, index);
        int pair = (int) index & 2;
        double radius = radius(words[pair]);
        double angle = angle(words[pair + 1]);
        return radius * ((index & 1) == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
    }

    /**
     * Uniform on 0 … {@code bound} − 1: the high half of the product of 64 random bits and the bound. The probability of any
     * value is off by less than 2⁻⁶⁴, which is less than 2⁻³³ of itself.
     */
    public int bounded(long index, int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bounded: the bound must be positive: " + bound);
        }
        return (int) Math.unsignedMultiplyHigh(bits64(index), bound);
    }

    /** A permutation of 0 … {@code n} − 1, by Fisher, Yates and Durstenfeld with {@code bounded(i, i + 1)}. */
    public int[] permutation(int n) {
        if (n < 0) {
            throw new IllegalArgumentException("permutation: the size must not be negative: " + n);
        }
        int[] p = new int[n];
        for (int i = 0; i < n; i++) {
            int j = bounded(i, i + 1);
            p[i] = p[j];
            p[j] = i;
        }
        return p;
    }

    /** {@code uniform(firstIndex + i)} for every i. */
    public void uniforms(long firstIndex, float[] out) {
        uniforms(firstIndex, out, 0, out.length);
    }

    /** {@code out[offset + i] = uniform(firstIndex + i)} for i from 0 to {@code length} − 1. */
    public void uniforms(long firstIndex, float[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        int[] words = new int[4];
        for (int i = 0; i < length; i++) {
            long index = firstIndex + i;
            if (i == 0 || (index & 3) == 0) {
                load(index >>> 2, index, words);
            }
            out[offset + i] = toUniform(words[(int) index & 3]);
        }
    }

    /** {@code uniformDouble(firstIndex + i)} for every i. */
    public void uniforms(long firstIndex, double[] out) {
        uniforms(firstIndex, out, 0, out.length);
    }

    /** {@code out[offset + i] = uniformDouble(firstIndex + i)} for i from 0 to {@code length} − 1. */
    public void uniforms(long firstIndex, double[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        int[] words = new int[4];
        for (int i = 0; i < length; i++) {
            long index = firstIndex + i;
            if (i == 0 || (index & 1) == 0) {
                load(index >>> 1, index, words);
            }
            int half = 2 * ((int) index & 1);
            out[offset + i] = (join(words[half + 1], words[half]) >>> 11) * ULP_53;
        }
    }

    /** {@code (float) normal(firstIndex + i)} for every i. */
    public void normals(long firstIndex, float[] out) {
        normals(firstIndex, out, 0, out.length);
    }

    /** {@code out[offset + i] = (float) normal(firstIndex + i)} for i from 0 to {@code length} − 1. */
    public void normals(long firstIndex, float[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        double[] four = new double[4];
        int[] words = new int[4];
        for (int i = 0; i < length; i++) {
            long index = firstIndex + i;
            if (i == 0 || (index & 3) == 0) {
                normalBlock(index, words, four);
            }
            out[offset + i] = (float) four[(int) index & 3];
        }
    }

    /** {@code normal(firstIndex + i)} for every i. */
    public void normals(long firstIndex, double[] out) {
        normals(firstIndex, out, 0, out.length);
    }

    /** {@code out[offset + i] = normal(firstIndex + i)} for i from 0 to {@code length} − 1. */
    public void normals(long firstIndex, double[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        double[] four = new double[4];
        int[] words = new int[4];
        for (int i = 0; i < length; i++) {
            long index = firstIndex + i;
            if (i == 0 || (index & 3) == 0) {
                normalBlock(index, words, four);
            }
            out[offset + i] = four[(int) index & 3];
        }
    }

    private void normalBlock(long index, int[] words, double[] four) {
        load(index >>> 2, index, words);
        for (int pair = 0; pair < 4; pair += 2) {
            double radius = radius(words[pair]);
            double angle = angle(words[pair + 1]);
            four[pair] = radius * StrictMath.cos(angle);
            four[pair + 1] = radius * StrictMath.sin(angle);
        }
    }

    private long bits64(long index) {
        int[] words = blockOf(index >>> 1, index);
        int half = 2 * ((int) index & 1);
        return join(words[half + 1], words[half]);
    }

    private int[] blockOf(long block, long index) {
        int[] words = new int[4];
        load(block, index, words);
        return words;
    }

    private void load(long block, long index, int[] words) {
        if (index < 0) {
            throw new IllegalArgumentException("Philox: the index must not be negative: " + index);
        }
        block(block, stream, seed, words);
    }

    /**
     * The cipher: ten rounds of
     *
     * <pre>
     *   (c₀, c₁, c₂, c₃) ← (hi(M₁c₂) ⊕ c₁ ⊕ k₀,  lo(M₁c₂),  hi(M₀c₀) ⊕ c₃ ⊕ k₁,  lo(M₀c₀))
     *   (k₀, k₁)         ← (k₀ + W₀,  k₁ + W₁)
     * </pre>
     *
     * on 32-bit words; low words first.
     */
    static void block(long counterLow, long counterHigh, long key, int[] out) {
        int c0 = (int) counterLow;
        int c1 = (int) (counterLow >>> 32);
        int c2 = (int) counterHigh;
        int c3 = (int) (counterHigh >>> 32);
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < 10; round++) {
            long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
            long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }

    private static float toUniform(int word) {
        return (word >>> 8) * ULP_24;
    }

    private static double radius(int word) {
        return StrictMath.sqrt(-2 * StrictMath.log((Integer.toUnsignedLong(word) + 0.5) * ULP_32));
    }

    private static double angle(int word) {
        return 2 * Math.PI * (Integer.toUnsignedLong(word) * ULP_32);
    }

    private static long join(int high, int low) {
        return (long) high << 32 | Integer.toUnsignedLong(low);
    }

    @Override
    public String toString() {
        return "Philox(seed " + seed + ", stream " + stream + ")";
    }
}

package dev.canonica.tensor.io;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Damage to files: bytes flipped, set to telling values, cut out, repeated, moved; numbers in text replaced. */
final class Mutation {
    private static final int[] TELLING = {0, 1, 0x7F, 0x80, 0xFF, '0', '9', '(', '[', '{', '"', '-', '.', 'R', 'b', 'Q'
    };

    private Mutation() {}

    /** A damaged copy. */
    static byte[] of(byte[] good, SplittableRandom random) {
        byte[] b = good.clone();
        for (int times = 1 + random.nextInt(3); times > 0 && b.length > 0; times--) {
            b = once(b, random);
        }
        return b;
    }

    private static byte[] once(byte[] b, SplittableRandom random) {
        int at = random.nextInt(b.length);
        int length = Math.min(b.length - at, 1 + random.nextInt(random.nextInt(4) == 0 ? 64 : 8));
        switch (random.nextInt(7)) {
            case 0 -> b[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> b[at] = (byte) random.nextInt(256);
            case 2 -> b[at] = (byte) TELLING[random.nextInt(TELLING.length)];
            case 3 -> Arrays.fill(b, at, at + length, (byte) (random.nextBoolean() ? 0xFF : 0));
            case 4 -> {
                return splice(b, at, at + length, new byte[0]);
            }
            case 5 -> {
                return splice(b, at, at, Arrays.copyOfRange(b, at, at + length));
            }
            default -> {
                return digits(b, at, random);
            }
        }
        return b;
    }

    /** Another number in place of the next digit, or all after this point gone. */
    private static byte[] digits(byte[] b, int from, SplittableRandom random) {
        for (int at = from; at < b.length; at++) {
            if (b[at] >= '0' && b[at] <= '9') {
                byte[] number = Long.toString(random.nextLong() >>> random.nextInt(64))
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                return splice(b, at, at + 1, number);
            }
        }
        return Arrays.copyOf(b, from);
    }

    private static byte[] splice(byte[] b, int from, int to, byte[] middle) {
        byte[] r = new byte[b.length - (to - from) + middle.length];
        System.arraycopy(b, 0, r, 0, from);
        System.arraycopy(middle, 0, r, from, middle.length);
        System.arraycopy(b, to, r, from + middle.length, b.length - to);
        return r;
    }
}

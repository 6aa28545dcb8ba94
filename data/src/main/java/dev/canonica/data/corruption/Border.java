package dev.canonica.data.corruption;

/** What lies outside of an image: which of 0 … n − 1 stands at i. */
enum Border {
    /** {@code a a | a b c d | d d} */
    EDGE {
        @Override
        int at(int i, int n) {
            return Math.clamp(i, 0, n - 1);
        }
    },
    /** {@code c b | a b c d | c b} */
    MIRROR {
        @Override
        int at(int i, int n) {
            int folded = Math.floorMod(i, 2 * n - 2);
            return folded < n ? folded : 2 * n - 2 - folded;
        }
    },
    /** {@code b a | a b c d | d c} */
    REFLECT {
        @Override
        int at(int i, int n) {
            int folded = Math.floorMod(i, 2 * n);
            return folded < n ? folded : 2 * n - 1 - folded;
        }
    };

    /** The index that stands at i; n is at least 2. */
    abstract int at(int i, int n);

    /** The indices that stand at {@code from}, {@code from} + 1, … */
    int[] from(int from, int length, int n) {
        int[] at = new int[length];
        for (int i = 0; i < length; i++) {
            at[i] = at(from + i, n);
        }
        return at;
    }
}

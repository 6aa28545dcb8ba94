package dev.canonica.models.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Byte-pair encoding (Sennrich et al. 2016, Algorithm 1) over bytes (Radford et al. 2019, §2.2): a word is its bytes in UTF-8, the last marked
 * as the end of a word, and of all neighbours the pair that was learnt first is joined, until no pair is left that was learnt.
 *
 * @param ranks when a pair was learnt, by its two parts with a space between
 */
record BytePairs(Map<String, Integer> ranks) {
    /** Marks the end of a word. */
    static final String END = "</w>";

    /** The bytes as characters that can be seen: those of Latin-1 that are, as themselves, the rest from U+0100 on. */
    private static final String[] BYTES = bytes();

    private static String[] bytes() {
        String[] s = new String[256];
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean seen = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
            s[b] = String.valueOf((char) (seen ? b : next++));
        }
        return s;
    }

    /** The parts of a word. */
    List<String> split(String word) {
        List<String> parts = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            parts.add(BYTES[b & 0xFF]);
        }
        if (parts.isEmpty()) {
            return parts;
        }
        parts.add(parts.removeLast() + END);
        while (parts.size() > 1) {
            int first = Integer.MAX_VALUE;
            int at = -1;
            for (int i = 0; i + 1 < parts.size(); i++) {
                int rank = ranks.getOrDefault(parts.get(i) + " " + parts.get(i + 1), Integer.MAX_VALUE);
                if (rank < first) {
                    first = rank;
                    at = i;
                }
            }
            if (at < 0) {
                return parts;
            }
            parts = joined(parts, parts.get(at), parts.get(at + 1));
        }
        return parts;
    }

    /** The parts with every pair of these two joined, from the left. */
    private static List<String> joined(List<String> parts, String left, String right) {
        List<String> result = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            boolean pair = i + 1 < parts.size()
                    && parts.get(i).equals(left)
                    && parts.get(i + 1).equals(right);
            result.add(pair ? left + right : parts.get(i));
            i += pair ? 1 : 0;
        }
        return result;
    }
}

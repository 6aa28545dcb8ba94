package examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What an example prints. */
final class Printed {
    private Printed() {}

    static String by(Runnable example) {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            example.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** The number after these words. */
    static double after(String words, String printed) {
        int at = printed.indexOf(words);
        if (at < 0) {
            throw new AssertionError("no '" + words + "' in: " + printed);
        }
        return Double.parseDouble(printed.substring(at + words.length()).strip().split("[\\s,;]", 2)[0]);
    }

    /** What stands between these words. */
    static String between(String text, String from, String to) {
        int start = text.indexOf(from) + from.length();
        return text.substring(start, text.indexOf(to, start));
    }
}

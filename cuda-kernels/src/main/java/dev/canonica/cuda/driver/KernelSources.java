package dev.canonica.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The sources of the kernels, which are shipped beside their PTX. */
final class KernelSources {
    private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"([^\"]+)\"");

    private KernelSources() {}

    /** The unit of a module, with those files that it includes, directly or not. */
    static Compiler.Unit unit(String module) {
        String name = module + ".cu";
        String text = read(name);
        SortedMap<String, String> headers = new TreeMap<>();
        Deque<String> unread = new ArrayDeque<>();
        include(text, unread);
        while (!unread.isEmpty()) {
            String header = unread.pop();
            if (!headers.containsKey(header)) {
                String included = read(header);
                headers.put(header, included);
                include(included, unread);
            }
        }
        return new Compiler.Unit(name, text, headers);
    }

    private static void include(String text, Deque<String> names) {
        INCLUDE.matcher(text).results().map((MatchResult r) -> r.group(1)).forEach(names::push);
    }

    private static String read(String name) {
        try (InputStream in = KernelSources.class.getResourceAsStream("/dev/canonica/cuda/sources/" + name)) {
            if (in == null) {
                throw new IllegalStateException("this build lacks a source of its kernels: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the source of kernels " + name + " cannot be read", e);
        }
    }
}

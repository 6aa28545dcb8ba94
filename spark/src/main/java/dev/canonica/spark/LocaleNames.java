package dev.canonica.spark;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Whether this process can name a file: in a locale without letters beyond ASCII Java writes to another name, or to none. */
final class LocaleNames {
    private LocaleNames() {}

    /** A path of this machine as Java has it, where Hadoop's begins with {@code file:}. */
    static String local(String name) {
        return name.replaceFirst("^file:(//)?(?=/)", "");
    }

    /**
     * Refuses a file that this process cannot name.
     *
     * @param name its path, as Java or as Hadoop has it; one of another file system than this machine's is none of the locale's
     * @throws IllegalStateException that says the cure
     */
    static void require(String name) {
        require(name, Charset.forName(System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name())));
    }

    static void require(String name, Charset encoding) {
        boolean local = name.startsWith("/") || name.startsWith("file:");
        if (local && !encoding.newEncoder().canEncode(name)) {
            throw new IllegalStateException(
                    "%s: this process cannot name it in its locale, whose encoding is %s; with the setting spark.executorEnv.LC_ALL=C.UTF-8 executors can"
                            .formatted(name, encoding));
        }
    }
}

package dev.canonica.spark;

import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.OutOfTensorMemoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;

/** What went wrong on a cluster, in a line. */
final class ClusterFailures {
    /** The file of a task's rows, which no other has the name of. */
    private static final Pattern ROWS = Pattern.compile("part-[0-9]+-[0-9a-f-]{36}[^/\\s]*\\.parquet");

    private ClusterFailures() {}

    /** What the cluster says. */
    static IllegalStateException of(Exception e) {
        return e instanceof IllegalStateException said
                ? said
                : new IllegalStateException("the cluster failed: " + said(last(e)), e);
    }

    /**
     * What it says while rows are read and written.
     *
     * @param out the folder of the rows
     */
    static IllegalStateException of(Exception e, String out) {
        if (e instanceof IllegalStateException said) {
            return said;
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            Matcher rows = ROWS.matcher(message);
            if (message.contains("FAILED_READ_FILE") && rows.find()) {
                return new IllegalStateException(
                        "%s/%s: damaged (%s); delete it, and the same command computes its images again"
                                .formatted(LocaleNames.local(out).replaceFirst("/+$", ""), rows.group(), kind(last(e))),
                        e);
            }
        }
        return new IllegalStateException(
                "the cluster failed: %s; the same command goes on with what is missing".formatted(said(last(e))), e);
    }

    /**
     * Whether what failed on an image says nothing of the image, but of the machine that it was worked on: its memory, its device, its files. Elsewhere or later it may be
     * done.
     */
    static boolean isOfTheMachine(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfTensorMemoryException
                    || cause instanceof DeviceException
                    || cause instanceof IOException
                    || cause instanceof UncheckedIOException
                    || cause instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }

    private static Throwable last(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String said(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return cause instanceof SparkException || cause instanceof IllegalStateException
                ? message
                : kind(cause) + ": " + message;
    }

    private static String kind(Throwable cause) {
        return cause.getClass().getSimpleName();
    }
}

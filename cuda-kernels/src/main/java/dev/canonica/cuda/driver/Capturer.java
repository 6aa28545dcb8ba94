package dev.canonica.cuda.driver;

/** Keeps what captured work needs in each replay. */
public interface Capturer {
    /** The address of what is brought in while work is captured, to be copied from in each replay. */
    long constant(long host, long bytes);

    /**
     * The address of at least {@code bytes} bytes in place of a thread's workspace, which has {@code usual}.
     *
     * @param workspace whose it is
     */
    long workspace(Object workspace, long bytes, long usual);
}

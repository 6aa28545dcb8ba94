package dev.canonica.cuda.driver;

import java.util.List;
import java.util.SortedMap;

/** Compiles kernels for a card while the program runs: {@link Nvrtc}, or what stands for it in a test. */
interface Compiler {
    /** What compiles, and in which version: other versions may make other code of the same sources. */
    String version();

    /**
     * Compiles a unit.
     *
     * @return an image that {@code cuModuleLoadData} takes
     * @throws CompilationException with the compiler's log, if it does not compile
     */
    byte[] compile(Unit unit, List<String> options) throws CompilationException;

    /**
     * A source with all that it includes.
     *
     * @param name of its file, such as {@code f32.cu}
     * @param headers the texts of the files that are included, by name
     */
    record Unit(String name, String text, SortedMap<String, String> headers) {}

    /** A unit that does not compile. */
    final class CompilationException extends Exception {
        private static final long serialVersionUID = 1L;

        CompilationException(String message) {
            super(message);
        }
    }
}

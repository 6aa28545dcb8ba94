package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Holds that whatever others can see says what it is. The compiler's doclint checks that what is said is well formed, and that its links lead somewhere. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** All that is published; examples and benchmarks are for those who read and run them. */
    private static final List<String> MODULES = List.of(
            "tensor", "autodiff", "learning", "cuda-kernels", "data", "models", "clarid", "cadistill", "spark", "cli");

    private static final Pattern EXPORTS = Pattern.compile("exports ([\\w.]+)\\s*;");

    @Test
    void everythingPublicIsSaid() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> found = Files.walk(sources(module))) {
                found.filter(file -> file.toString().endsWith(".java")).sorted().forEach(files::add);
            }
        }
        assertThat(files).hasSizeGreaterThan(800);
        try (StandardJavaFileManager manager =
                ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null)) {
            List<String> unsaid = Undocumented.in(
                    manager.getJavaFileObjectsFromPaths(files),
                    file -> ROOT.relativize(manager.asPath(file)).toString());
            assertThat(unsaid).as("without Javadoc that says something").isEmpty();
        }
    }

    /** Whoever opens a package that is for users is told where to begin. */
    @Test
    void exportedPackagesLeadToTheirTypes() throws IOException {
        List<String> without = new ArrayList<>();
        int exported = 0;
        for (String module : MODULES) {
            Path descriptor = sources(module).resolve("module-info.java");
            if (!Files.exists(descriptor)) {
                continue;
            }
            for (MatchResult export :
                    EXPORTS.matcher(Files.readString(descriptor)).results().toList()) {
                exported++;
                Path about = sources(module)
                        .resolve(export.group(1).replace('.', '/'))
                        .resolve("package-info.java");
                if (!Files.readString(about).contains("{@link")) {
                    without.add(ROOT.relativize(about).toString());
                }
            }
        }
        assertThat(exported).isGreaterThan(40);
        assertThat(without).as("without a link to a type to begin with").isEmpty();
    }

    @Test
    void whatIsUnsaidIsFound() {
        assertThat(unsaid("""
                public class A {
                    public int field;
                    protected A(int x) {}
                    public void method() {}
                    /** @return the result */
                    public int tags() { return 1; }
                    /** Reads. */
                    public void reads() throws java.io.IOException {}
                    /**
                     * Writes.
                     *
                     * @param lineWidth the line width
                     */
                    public void writes(int lineWidth) {}
                    public enum E { ONE, /** The second. */ TWO }
                    /** A pair. */
                    public record R(int first, int second) {
                        public R {}
                        public int first() { return first; }
                    }
                    /** As A. Author (Author et al. 2020) has it. */
                    public static final int PAPER = 2;
                    /** What can be called. */
                    public interface I { void call(); }
                    /** Empty. */
                    public static class D {}
                }
                """))
                .containsExactly(
                        "A.java:1: type A: no comment",
                        "A.java:2: field field: no comment",
                        "A.java:3: constructor: no comment",
                        "A.java:4: method method: no comment",
                        "A.java:6: method tags: nothing but tags",
                        "A.java:6: method tags: says nothing: @return the result",
                        "A.java:8: method reads: does not say when it throws java.io.IOException",
                        "A.java:14: method writes: says nothing: @param lineWidth the line width",
                        "A.java:15: type E: no comment",
                        "A.java:15: field ONE: no comment",
                        "A.java:18: constructor: no comment",
                        "A.java:22: field PAPER: its first sentence ends at an abbreviation: As A.",
                        "A.java:24: method call: no comment",
                        "A.java:26: type D: its constructor is not written, so that it has no comment");
    }

    @Test
    void whatNobodySeesNeedsNoComment() {
        assertThat(unsaid("""
                /** A class. */
                public final class A {
                    A() {
                        class Local { public void none() {} }
                        new Object() { public void none() {} };
                    }
                    int field;
                    private void method() {}
                    @Override public String toString() { return ""; }
                    static class Inner { public void none() {} }
                    /** Throws, and says so. @throws java.io.IOException in the text is none. */
                    private void throwing() throws java.io.IOException {}
                    /**
                     * Reads.
                     *
                     * @throws IOException if there is nothing to read
                     */
                    public void reads() throws java.io.IOException {}
                    /** Of length {@code width}. {@return its area} */
                    public int area(int width) { return width; }
                }
                class B { public void none() {} }
                """)).isEmpty();
    }

    @Test
    void whatIsNoJavaIsRefused() {
        assertThatThrownBy(() -> unsaid("class A {"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sources that are no Java");
    }

    private static List<String> unsaid(String text) {
        return Undocumented.in(
                List.of(Undocumented.source("A.java", text)),
                file -> file.getName().substring(1));
    }

    private static Path sources(String module) {
        return ROOT.resolve(module).resolve("src/main/java");
    }
}

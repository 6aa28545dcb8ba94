package examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Java without a project: JShell, and a file that JBang runs. */
class ScriptsTest {
    private static final Path SCRIPT = Path.of("scripts/gradient.java");

    /** That of the tests, also where Maven has put it into a jar's manifest. */
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @TempDir
    private Path temp;

    /** What is printed; what goes to the other stream is told where a command does not end as it should. */
    private String run(int code, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path errors = temp.resolve("errors.txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed + Files.readString(errors)).isEqualTo(code);
        return printed;
    }

    /** Vectors are on, nothing has to be imported, and JShell has nothing to complain of. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void jshell() throws IOException, InterruptedException {
        Path file = temp.resolve("snippet.jsh");
        Files.writeString(file, """
                Tensor x = Tensor.of(new float[] {1, 2, 3}, 3)
                var g = Autodiff.grad((Var v) -> v.square().sum(), x).gradient()
                System.out.println(Arrays.toString(g.toFloats()) + " " + (Device.cpu().vectorBits() > 0))
                Sequential net = Sequential.initialised(1, 2, 0, new Flatten("flatten"), new Linear("head", 16, 2))
                System.out.println(net.parameters().keySet())
                /exit
                """);
        String printed = jshell(file);
        assertThat(printed.lines()).containsExactly("[2.0, 4.0, 6.0] true", "[head.weight, head.bias]");
    }

    private String jshell(Path file) throws IOException, InterruptedException {
        return run(
                0,
                Map.of("CANONICA_CLASSPATH", CLASS_PATH),
                List.of(
                        Path.of("../scripts/jshell").toRealPath().toString(),
                        "-s",
                        "-J-Djava.util.prefs.userRoot=" + temp,
                        file.toString()));
    }

    /** What the pages show can be put into JShell as it stands there: a statement does not end with a line before it ends. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatPagesShowRuns() throws IOException, InterruptedException {
        Path file = temp.resolve("pages.jsh");
        Files.writeString(
                file,
                shown("README.md")
                        + "System.out.println(jv.shape() + \" \" + jtu.shape() + \" \" + svd.sigma().length)\n"
                        + shown("docs/for-jax-and-torch.md")
                        + "System.out.println(j.shape() + \" \" + h.shape() + \" \" + (Math.abs(trace) < 1000))\n/exit\n");
        assertThat(jshell(file).lines()).containsExactly("[3, 1, 5] [2, 1, 8] 2", "[2, 5, 2, 3] [2, 3, 2, 3] true");
    }

    /** The one block of Java of a page. */
    private static String shown(String page) throws IOException {
        String text = Files.readString(Path.of("..").resolve(page));
        int from = text.indexOf("```java\n") + "```java\n".length();
        return text.substring(from, text.indexOf("```", from));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void example() throws IOException, InterruptedException {
        String script = Path.of("../scripts/example").toRealPath().toString();
        Map<String, String> classes = Map.of("CANONICA_CLASSPATH", CLASS_PATH);
        assertThat(run(0, classes, List.of(script, "OwnDerivative"))).contains("J [2, 2]: [-1.0, 0.0, 0.5, 0.5]");
        run(2, classes, List.of(script, "Own")); // after which errors.txt has what was said
        assertThat(Files.readString(temp.resolve("errors.txt")))
                .contains("'Own' is no program; there are CanonicalImage ClassifierServer FineTuning");
    }

    /** The directives of JBang's reference, of this version and with the options of the build; run by Java itself, for JBang is another program. */
    @Test
    void jbang() throws IOException, InterruptedException {
        List<String> header = Files.readAllLines(SCRIPT).stream()
                .takeWhile(line -> line.startsWith("//"))
                .toList();
        String pom = Files.readString(Path.of("../pom.xml"));
        String flags = Printed.between(pom, "<java.flags>", "</java.flags>");
        assertThat(header)
                .containsExactly(
                        "///usr/bin/env jbang \"$0\" \"$@\" ; exit $?",
                        "//JAVA " + Printed.between(pom, "<java.release>", "</java.release>") + "+",
                        "//DEPS dev.canonica:canonica-autodiff:" + Printed.between(pom, "<version>", "</version>"),
                        "//RUNTIME_OPTIONS " + flags);

        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags.split(" ")));
        command.addAll(List.of("-cp", CLASS_PATH, SCRIPT.toString(), "-1", "2"));
        assertThat(run(0, Map.of(), command)).isEqualToIgnoringNewLines("104.0 [396.0, 200.0]");
    }
}

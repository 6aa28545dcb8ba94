package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher for Windows: that it does what the other one does, read where it cannot be run. */
class WindowsLauncherTest {
    private static final Path SCRIPT = Path.of("../canonica.cmd");

    private final String script = read(SCRIPT).replace("\r\n", "\n");
    private final String other = read(Path.of("../canonica"));

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String only(String text, String pattern) {
        Matcher m = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
        assertThat(m.find()).as(pattern).isTrue();
        return m.group(1);
    }

    @Test
    void buildsAndStartsAsTheOther() {
        assertThat(only(script, "^set \"modules=(.*)\"$")).isEqualTo(only(other, "^modules=\"(.*)\"$"));
        assertThat(only(script, "^set \"needed=(.*)\"$"))
                .isEqualTo(only(read(Path.of("../scripts/find-jdk")), "^needed=(.*)$"));
        assertThat(only(script, "mvn (-B -ntp -Dquick) -f")).isEqualTo(only(other, "mvn (-B -ntp -Dquick) -f"));
        String flags = only(other, "^exec \"\\$jdk/bin/java\" (.*) \\$\\{CANONICA_JAVA_OPTS-} \"\\$@\"$");
        assertThat(script)
                .contains("\\bin\\java.exe\" " + flags + " %CANONICA_JAVA_OPTS% ")
                .contains("dev.canonica.cli.Canonica %*\n");
    }

    /** Every label that is gone to or called is there, every bracket closed, and no line of a block ends it early. */
    @Test
    void labelsAndBracketsAreThere() {
        Set<String> labels = new TreeSet<>();
        Set<String> asked = new TreeSet<>();
        int depth = 0;
        for (String line : script.lines().map(String::strip).toList()) {
            if (line.startsWith("rem ")) {
                continue;
            }
            if (line.startsWith(":")) {
                labels.add(line.substring(1));
                continue;
            }
            Matcher m = Pattern.compile("\\b(?:goto|call) :?([a-z]+)\\b").matcher(line);
            while (m.find()) {
                asked.add(m.group(1));
            }
            String bare = line.replaceAll("\"[^\"]*\"", "").replaceAll("in \\('?[^)]*\\)", "");
            assertThat(line.chars().filter(c -> c == '"').count() % 2).as(line).isZero();
            if (depth > 0 && bare.startsWith("echo ")) {
                assertThat(bare).doesNotContain("(").doesNotContain(")");
            }
            depth += (int) bare.chars().filter(c -> c == '(').count();
            depth -= (int) bare.chars().filter(c -> c == ')').count();
            assertThat(depth).as(line).isBetween(0, 1);
        }
        assertThat(depth).isZero();
        asked.remove("mvn");
        assertThat(asked).isEqualTo(labels);
        assertThat(read(Path.of("../.gitattributes"))).contains("*.cmd text eol=crlf");
    }

    @Test
    @EnabledOnOs(OS.WINDOWS)
    void saysWhatIsMissing(@TempDir Path temp) throws IOException, InterruptedException {
        Path copy = Files.copy(SCRIPT, temp.resolve("canonica.cmd"));
        ProcessBuilder builder =
                new ProcessBuilder(List.of("cmd", "/c", copy.toString(), "info")).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> !name.equalsIgnoreCase("SystemRoot"));
        builder.environment().put("PATH", System.getenv("SystemRoot") + "\\System32");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(2);
        assertThat(said).contains("canonica: needs a JDK of at least 25.0.3, and found none");
    }
}

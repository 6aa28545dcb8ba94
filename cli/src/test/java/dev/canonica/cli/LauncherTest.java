package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher at the repository's root, with JDKs and a Maven that only say that they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final List<String> TOOLS = List.of(
            "basename",
            "cat",
            "cp",
            "dirname",
            "find",
            "grep",
            "head",
            "mkdir",
            "mv",
            "readlink",
            "rm",
            "sed",
            "sleep");

    private record Outcome(int code, String out, String err) {}

    @TempDir
    private Path temp;

    private Path root;
    private Path launcher;
    private Path bin;

    @BeforeEach
    void layOut() throws IOException {
        root = Files.createDirectories(temp.resolve("a root"));
        launcher = root.resolve("canonica");
        Files.createDirectories(root.resolve("scripts"));
        for (String script : List.of("canonica", "scripts/find-jdk")) {
            Files.copy(Path.of("..", script), root.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
        }

        bin = Files.createDirectories(temp.resolve("bin"));
        for (String tool : TOOLS) {
            Path found = Stream.of("/bin", "/usr/bin")
                    .map(folder -> Path.of(folder, tool))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            script(bin.resolve(tool), "exec " + found + " \"$@\"");
        }
        Files.createSymbolicLink(bin.resolve("java"), jdk("fallback", "99.0.1").resolve("bin/java"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"25.0.3", "25.0.10", "25.1", "26", "26-ea", "26.0.1+8", "100"})
    void takesJavaHomeWhenNewEnough(String version) throws Exception {
        built();
        assertThat(launch(jdk("home", version)).out()).startsWith("home ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"25.0.2", "25", "25-ea", "24.0.9", "17.0.15", "9", "1.8.0_402", "unknown"})
    void passesOverJavaHomeWhenTooOld(String version) throws Exception {
        built();
        assertThat(launch(jdk("home", version)).out()).startsWith("fallback ");
    }

    @Test
    void asksJavaWhereThereIsNoReleaseFile() throws Exception {
        built();
        Path home = jdk("home", "25.0.3");
        Files.delete(home.resolve("release"));
        assertThat(launch(home).out()).startsWith("home ");
    }

    @Test
    void passesOverWhatCannotCompile() throws Exception {
        built();
        Path home = jdk("home", "25.0.3");
        Files.delete(home.resolve("bin/javac"));
        assertThat(launch(home).out()).startsWith("fallback ");
    }

    @Test
    void passesArgumentsThroughALink() throws Exception {
        built();
        Path link = Files.createSymbolicLink(temp.resolve("linked"), Path.of("a root", "canonica"));
        Outcome outcome = run(link, jdk("home", "25.0.3"), "run", "two words", "*");
        assertThat(outcome.out())
                .contains("[-Xmx1g]")
                .contains("[" + root.toRealPath().resolve("cli/target/quick/canonica.jar") + "]")
                .endsWith("[dev.canonica.cli.Canonica] [run] [two words] [*]\n");
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void buildsOnceAndAfterAChange() throws Exception {
        maven("cp \"$0\" '" + root + "/cli/target/quick/canonica.jar'");
        Path home = jdk("home", "25.0.3");
        Path source = Files.createDirectories(root.resolve("tensor/src/main/java"));

        Outcome first = launch(home);
        assertThat(first.code()).isZero();
        assertThat(first.err()).contains("building").containsOnlyOnce("\n");
        assertThat(first.out()).startsWith("home ");
        assertThat(launch(home).err()).isEmpty();

        Path changed = Files.createFile(source.resolve("Changed.java"));
        Files.setLastModifiedTime(changed, FileTime.from(Instant.now().plusSeconds(2)));
        assertThat(launch(home).err()).contains("building");
    }

    @Test
    void startsWithTheClassesThatTheBuildArchived() throws Exception {
        maven("cp \"$0\" '" + root + "/cli/target/quick/canonica.jar'");
        Path home = jdk("home", "25.0.3");
        Path archive = root.resolve("cli/target/quick/canonica.jsa");
        assertThat(launch(home).out()).doesNotContain("SharedArchiveFile"); // the JDK above writes none

        Path source = Files.createDirectories(root.resolve("tensor/src/main/java"));
        Path changed = Files.createFile(source.resolve("Changed.java"));
        Files.setLastModifiedTime(changed, FileTime.from(Instant.now().plusSeconds(2)));
        script(
                home.resolve("bin/java"),
                "for a in \"$@\"; do case $a in -XX:ArchiveClassesAtExit=*) : > \"${a#*=}\" ;; esac; done",
                "printf ' [%s]' \"$@\"");
        assertThat(launch(home).out())
                .contains("[-XX:SharedArchiveFile=" + archive.toRealPath() + "]")
                .doesNotContain("ArchiveClassesAtExit");
    }

    @Test
    void startsInfoWithoutTheOptimisingCompiler() throws Exception {
        built();
        Path home = jdk("home", "25.0.3");
        assertThat(run("", launcher, home, "info").out())
                .contains("[-XX:TieredStopAtLevel=1] [-Dcanonica.quick=true]")
                .endsWith("[dev.canonica.cli.Canonica] [info]\n");
        assertThat(run("", launcher, home, "sample").out()).doesNotContain("TieredStopAtLevel");
        assertThat(run("-Xint", launcher, home, "info").out())
                .contains("[-Xint]")
                .doesNotContain("canonica.quick");
    }

    /** Where products are machine code, commands are patient with the optimising compiler. */
    @Test
    void startsPatientWhereProductsAreMachineCode() throws Exception {
        built();
        Path home = jdk("home", "25.0.3");
        script(bin.resolve("grep"), "exit 1"); // finds no AVX2
        assertThat(run("", launcher, home, "extract").out()).doesNotContain("Tier4");

        avx2();
        for (String options : List.of("", "-Dcanonica.kernels=emitted", "-XX:UseAVX=2")) {
            assertThat(run(options, launcher, home, "extract").out())
                    .contains("[-XX:Tier4InvocationThreshold=20000] [-XX:Tier4MinInvocationThreshold=2400]")
                    .contains("[-XX:Tier4CompileThreshold=60000] [-XX:Tier4BackEdgeThreshold=160000]");
        }
    }

    /** Options that leave kernels to that compiler, or name thresholds themselves, end the patience, wherever Java takes them from: thresholds of a variable that it reads first would not count. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dcanonica.kernels=vector",
                "-Xmx1g -Dcanonica.kernels=scalar",
                "-XX:UseAVX=1 -Xmx1g",
                "-XX:Tier4InvocationThreshold=5000"
            })
    void isNotPatientWhereOptionsSayOtherwise(String options) throws Exception {
        built();
        avx2();
        Path home = jdk("home", "25.0.3");
        assertThat(run(options, launcher, home, "extract").out())
                .contains("[" + options.split(" ")[0] + "]")
                .doesNotContain("Tier4MinInvocationThreshold");
        for (String variable : List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS")) {
            assertThat(run("", Map.of(variable, options), launcher, home, "extract")
                            .out())
                    .as(variable)
                    .doesNotContain("Tier4");
        }
    }

    private void avx2() throws IOException {
        script(bin.resolve("grep"), "[ \"$*\" = '-qs  avx2  /proc/cpuinfo' ]");
    }

    /** Java knows the options, and takes them together with those that turn off what they are of. */
    @ParameterizedTest
    @ValueSource(strings = {"-XX:+TieredCompilation", "-XX:-TieredCompilation", "-XX:TieredStopAtLevel=1", "-Xint"})
    void javaTakesTheOptions(String other) throws Exception {
        Matcher options = Pattern.compile("^ +set -- (-XX:Tier4.*) \"\\$@\"$", Pattern.MULTILINE)
                .matcher(Files.readString(launcher));
        assertThat(options.find()).isTrue();
        List<String> line = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), other));
        line.addAll(List.of(options.group(1).split(" ")));
        line.add("-version");
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        assertThat(out).doesNotContainIgnoringCase("warning");
    }

    /** Spark's jars are on the class path of a command that asks for a cluster, before ours, and of no other. */
    @Test
    void startsWithSparkWhereACommandAsksForIt() throws Exception {
        maven(
                "cp \"$0\" '" + root + "/cli/target/quick/canonica.jar'",
                "printf /m2/spark.jar > '" + root + "/spark/target/quick/classpath'",
                "printf '%s\\n' \"$*\" >> '" + temp + "/maven'");
        Path home = jdk("home", "25.0.3");
        Path real = root.toRealPath();
        String out = run(launcher, home, "extract", "--spark", "local[2]").out();
        assertThat(out)
                .contains("[@" + real + "/spark/java.options]")
                .contains("[/m2/spark.jar:" + real + "/spark/target/quick/canonica-spark.jar:" + real
                        + "/cli/target/quick/canonica.jar]")
                .endsWith("[dev.canonica.cli.Canonica] [extract] [--spark] [local[2]]\n");
        assertThat(Files.readString(temp.resolve("maven"))).contains("-pl cli,spark -am package");
        assertThat(run(launcher, home, "extract", "--spark=local").out()).contains("/m2/spark.jar");
        assertThat(run(launcher, home, "extract").out()).doesNotContain("spark");
        assertThat(Files.readString(temp.resolve("maven"))).containsOnlyOnce("package");
    }

    /** OpenBLAS is on the class path of the command that compares with it, and of no other. */
    @Test
    void startsBenchWithTheBenchmarks() throws Exception {
        maven(
                "cp \"$0\" '" + root + "/cli/target/quick/canonica.jar'",
                "printf /m2/openblas.jar > '" + root + "/benchmarks/target/quick/classpath'",
                "printf '%s\\n' \"$*\" >> '" + temp + "/maven'");
        Path home = jdk("home", "25.0.3");
        assertThat(run(launcher, home, "bench").out())
                .contains(
                        "[" + root.toRealPath() + "/benchmarks/target/quick/canonica-benchmarks.jar:/m2/openblas.jar]")
                .endsWith("[dev.canonica.cli.Canonica] [bench]\n");
        assertThat(Files.readString(temp.resolve("maven"))).contains("-pl cli,benchmarks -am package");
        assertThat(run(launcher, home, "info").out()).doesNotContain("openblas");
    }

    @Test
    void showsWhyTheBuildFailed() throws Exception {
        maven("echo 'Changed.java: cannot find symbol'; exit 1");
        Outcome outcome = launch(jdk("home", "25.0.3"));
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .contains("Changed.java: cannot find symbol")
                .contains("the build failed")
                .doesNotContain("[INFO]");
        assertThat(root.resolve("cli/target/quick/lock")).doesNotExist();
    }

    @Test
    void saysWhichModuleIsBeingBuilt() throws Exception {
        maven(
                "echo '[INFO] Building Canonica 0.1.0-SNAPSHOT                                [1/3]'",
                "echo '[INFO] Building Canonica tensor 0.1.0-SNAPSHOT                         [2/3]'",
                "echo '[INFO] Building Canonica cli 0.1.0-SNAPSHOT                            [3/3]'",
                "cp \"$0\" '" + root + "/cli/target/quick/canonica.jar'");
        Outcome outcome = launch(jdk("home", "25.0.3"));
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err().lines().skip(1)).containsExactly("canonica:   tensor [2/3]", "canonica:   cli [3/3]");
    }

    @Test
    void takesALocaleThatHasAllLettersWhereThereIsNone() throws Exception {
        built();
        Path home = jdk("home", "25.0.3");
        script(home.resolve("bin/java"), "echo \"$LC_ALL\"");
        assertThat(runIn(Map.of("LC_ALL", "POSIX"), home).out()).isEqualTo("C.UTF-8\n");
        assertThat(runIn(Map.of("LC_ALL", "", "LANG", ""), home).out()).isEqualTo("C.UTF-8\n");
        assertThat(runIn(Map.of("LC_ALL", "", "LANG", "de_DE.UTF-8"), home).out())
                .isEqualTo("\n");
        assertThat(runIn(Map.of("LC_ALL", "de_DE.ISO-8859-1"), home).out()).isEqualTo("de_DE.ISO-8859-1\n");
        script(bin.resolve("locale"), "echo ANSI_X3.4-1968"); // what glibc says of a locale that is not installed
        assertThat(runIn(Map.of("LC_ALL", "", "LANG", "de_DE.UTF-8"), home).out())
                .isEqualTo("C.UTF-8\n");
        script(bin.resolve("locale"), "echo UTF-8");
        assertThat(runIn(Map.of("LC_ALL", "de_DE.UTF-8"), home).out()).isEqualTo("de_DE.UTF-8\n");
    }

    @Test
    void saysThatMavenIsMissing() throws Exception {
        Outcome outcome = launch(jdk("home", "25.0.3"));
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("Maven").containsOnlyOnce("\n");
    }

    @Test
    void takesOverTheLockOfAKilledBuild() throws Exception {
        maven("cp \"$0\" '" + root + "/cli/target/quick/canonica.jar'");
        Path lock = Files.createDirectories(root.resolve("cli/target/quick/lock"));
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.writeString(lock.resolve("pid"), gone.pid() + "\n");
        assertThat(launch(jdk("home", "25.0.3")).code()).isZero();
    }

    /** A build newer than every source. */
    private void built() throws IOException {
        Path target = Files.createDirectories(root.resolve("cli/target/quick"));
        Files.createFile(target.resolve("canonica.jar"));
        Files.createFile(target.resolve("built"));
    }

    /** A JDK that prints its name and its arguments. */
    private Path jdk(String name, String version) throws IOException {
        Path home = Files.createDirectories(temp.resolve(name));
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/javac"), "exit 0");
        script(
                home.resolve("bin/java"),
                "if [ \"$1\" = -version ]; then echo 'openjdk version \"" + version + "\" 2026-04-21' >&2; exit; fi",
                "printf '" + name + "'; printf ' [%s]' \"$@\"; echo");
        return home;
    }

    private void maven(String... lines) throws IOException {
        script(bin.resolve("mvn"), lines);
    }

    private Outcome launch(Path javaHome) throws IOException, InterruptedException {
        return run(launcher, javaHome);
    }

    private Outcome run(Path command, Path javaHome, String... args) throws IOException, InterruptedException {
        return run("-Xmx1g", command, javaHome, args);
    }

    /** In an environment with other words for the locale, of which there are none else. */
    private Outcome runIn(Map<String, String> locale, Path javaHome) throws IOException, InterruptedException {
        return run("", locale, launcher, javaHome);
    }

    private Outcome run(String options, Path command, Path javaHome, String... args)
            throws IOException, InterruptedException {
        return run(options, Map.of(), command, javaHome, args);
    }

    private Outcome run(String options, Map<String, String> more, Path command, Path javaHome, String... args)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(command.toString()));
        line.addAll(List.of(args));
        Path err = temp.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(temp.toFile()).redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("CANONICA_JAVA_OPTS", options);
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        if (!more.isEmpty()) {
            List.of("LC_ALL", "LC_CTYPE", "LANG").forEach(builder.environment()::remove);
        }
        builder.environment().putAll(more);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), out, Files.readString(err));
    }

    private static void script(Path file, String... lines) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        executable(file);
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}

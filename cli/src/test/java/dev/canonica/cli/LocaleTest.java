package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Where digits, letters and calendars are others: names of files, and what is in them, are the same. */
class LocaleTest {
    /** Runs commands, of words separated by spaces. */
    static final class Commands {
        private Commands() {}

        public static void main(String[] args) {
            for (String command : args) {
                System.out.println(command + ": " + Canonica.execute(command.split(" ")));
            }
        }
    }

    @TempDir
    private Path temp;

    @BeforeEach
    void prepare() throws IOException {
        TinyImages.write(temp.resolve("images"), 3);
        TinyDit.write(temp.resolve("model"));
        Npz.write(
                temp.resolve("xy.npz"),
                Map.of(
                        "x",
                        Tensor.of(new double[] {1, 2, 3, 4, 5, 7, 8, 9, 11, 13}, 5, 2),
                        "y",
                        Tensor.of(new double[] {2, 1, 5, 3, 1, 1, 0, 4, 2, 2}, 5, 2)));
    }

    @Test
    void filesAndNumbersAreTheSameEverywhere() throws Exception {
        Map<String, String> english = in("en", "US", "");
        assertThat(english.keySet())
                .contains("printed", "e/batches/000000.npz", "e/settings.json", "s/1-000.png", "m.npz", "t/loss.csv");
        assertThat(english.get("printed")).doesNotContain(": 1\n", ": 2\n").contains("metric cka");
        assertThat(in("tr", "TR", "")).isEqualTo(english);
        assertThat(in("ar", "EG", "u-nu-arab")).isEqualTo(english);
        assertThat(in("hi", "IN", "u-nu-deva")).isEqualTo(english);
        assertThat(in("th", "TH", "u-ca-buddhist-nu-thai")).isEqualTo(english);
    }

    /** In the locale of many containers Java has no bytes for such a letter: what would help is said, and nothing is done. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void namesThatTheLocaleCannotWriteHaveACure() throws Exception {
        Path out = Files.createDirectory(temp.resolve("posix"));
        String said = run(out, List.of(), Map.of("LC_ALL", "POSIX"), "inspect " + temp + "/caf\u00e9/model");
        assertThat(said).contains(": 2\n", "LC_ALL=C.UTF-8").doesNotContain("Malformed");
    }

    /** The commands' files by their names, each as a checksum, and what they print. */
    private Map<String, String> in(String language, String country, String extensions) throws Exception {
        Path out = Files.createDirectory(temp.resolve("out-of-" + language));
        List<String> options = new ArrayList<>(List.of("-Duser.language=" + language, "-Duser.country=" + country));
        if (!extensions.isEmpty()) {
            options.add("-Duser.extensions=" + extensions);
        }
        String from = temp.toString();
        String printed = run(
                out,
                options,
                Map.of(),
                "extract --model " + from + "/model --data " + from
                        + "/images --out e --layer blocks.1 --rank 3 --steps 4 --batch 2 --report 2",
                "sample --model " + from + "/model --steps 2 --count 1 --out s",
                "metric cka --inputs " + from + "/xy.npz --outputs m.npz",
                "inspect " + from + "/model",
                "train --data " + from
                        + "/images --out t --patch-size 4 --hidden-size 8 --depth 1 --heads 2 --batch 2 --images 6 --warmup 2 --seed 3");
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(out)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                CRC32 sum = new CRC32();
                sum.update(TrainFiles.content(file).getBytes(StandardCharsets.ISO_8859_1));
                files.put(out.relativize(file).toString(), HexFormat.of().toHexDigits(sum.getValue()));
            }
        }
        files.put("printed", printed);
        return files;
    }

    private String run(Path in, List<String> options, Map<String, String> environment, String... commands)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(options);
        line.addAll(List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1"));
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), Commands.class.getName()));
        line.addAll(List.of(commands));
        File log = temp.resolve(in.getFileName() + ".log").toFile();
        ProcessBuilder process = new ProcessBuilder(line)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log);
        process.environment().putAll(environment);
        process.start().waitFor();
        return new String(Files.readAllBytes(log.toPath()), StandardCharsets.UTF_8)
                .replaceAll("(?m)^WARNING: Using incubator.*\\R", "");
    }
}

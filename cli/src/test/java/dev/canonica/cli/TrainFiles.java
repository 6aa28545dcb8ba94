package dev.canonica.cli;

import dev.canonica.clarid.report.page.TrainingPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files of a folder, and of those in it, with what is in them but for what differs from run to run: the section of a training's page on where its time goes. */
final class TrainFiles {
    private static final Pattern TIMES =
            Pattern.compile("(?s)<section class=\"" + TrainingPage.TIMES + "\">.*?</section>\n");

    private TrainFiles() {}

    static Map<String, String> of(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .collect(Collectors.toMap(
                            f -> folder.relativize(f).toString(), TrainFiles::content, (a, b) -> a, TreeMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is in a file, a character a byte, but for that section. */
    static String content(Path file) {
        try {
            String content = Files.readString(file, StandardCharsets.ISO_8859_1);
            return file.endsWith("report.html") ? TIMES.matcher(content).replaceAll("") : content;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.canonica.cli.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.cli.audit.GoldenCase.Run;
import dev.canonica.cli.audit.GoldenComparison.Deviation;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.memory.Workers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The golden cases of a folder, each run by the command that takes it: {@code run} of models, {@code metric} of measures and losses. Schedules are computed here. */
final class GoldenCases {
    private static final String CASE = "case.json";
    private static final String INPUTS = "inputs.npz";
    private static final String EXPECTED = "expected.npz";
    private static final int SHORT = 240;

    private final Path root;
    private final Audit.Commands command;

    /** Of a folder that holds {@code models} and {@code methods}. */
    GoldenCases(Path root, Audit.Commands command) {
        this.root = root;
        this.command = command;
    }

    /** How many there are. */
    int count() {
        return folders("models").size() + folders("methods").size();
    }

    /** All of them; {@code progress} is told each as it is done. */
    List<GoldenCase> run(Consumer<GoldenCase> progress) {
        List<GoldenCase> all = new ArrayList<>();
        for (String kind : List.of("models", "methods")) {
            for (Path folder : folders(kind)) {
                all.add(kind.equals("models") ? model(folder) : method(folder));
                progress.accept(all.getLast());
            }
        }
        return all;
    }

    private List<Path> folders(String kind) {
        Path of = root.resolve(kind);
        if (!Files.isDirectory(of)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(of)) {
            return all.filter(f -> Files.exists(f.resolve(CASE)))
                    .sorted(Comparator.comparing(f -> f.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    private GoldenCase model(Path folder) {
        JsonNode c = json(folder.resolve(CASE));
        List<String> words = new ArrayList<>(List.of("run", "--model"));
        words.add(folder.resolveSibling(c.path("model").asText()).toString());
        words.addAll(
                List.of("--inputs", folder.resolve(INPUTS).toString(), "--compute", texts(c.path("compute"), ",")));
        c.path("options").forEach(o -> words.add(o.asText()));
        words.addAll(List.of("--device", Device.byDefault().name(), "--threads", "" + Workers.threads()));
        Run run = run(words, got -> GoldenComparison.of(got, Npz.read(folder.resolve(EXPECTED)), c.path("tolerance")));
        return new GoldenCase(
                place(folder),
                texts(c.path("compute"), ", ") + note(c.path("note").asText("")),
                versions(c.path("made_with")),
                "F32: " + numbers(c.path("tolerance")),
                GoldenTests.MODELS,
                Optional.of(run));
    }

    private GoldenCase method(Path folder) {
        JsonNode c = json(folder.resolve(CASE));
        String name = folder.getFileName().toString();
        Optional<Run> run = name.equals(GoldenSchedules.NAME)
                ? Optional.of(schedules(folder))
                : GoldenMetric.of(folder).map(this::run);
        return new GoldenCase(
                place(folder),
                shortened(c.path("what").asText("")),
                shortened(c.path("reference").asText("")) + note(versions(c.path("versions"))),
                run.isPresent() ? "F64: " + c.path("tolerance").path("f64").asText("") : tolerances(c),
                GoldenTests.ofMethod(name),
                run);
    }

    private Run run(GoldenMetric metric) {
        Path temporary = null;
        try {
            temporary = Files.createTempFile("canonica-golden", ".npz");
            Path inputs = metric.inputs(temporary);
            return run(metric.words(inputs), metric::compare);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(temporary);
        }
    }

    private interface Comparison {
        List<Deviation> of(Map<String, Tensor> got);
    }

    /** What a command gives of a case, or why it gives nothing, beside what was expected. */
    private Run run(List<String> words, Comparison comparison) {
        Path out = null;
        StringWriter err = new StringWriter();
        try {
            out = Files.createTempFile("canonica-golden", ".npz");
            List<String> all = new ArrayList<>(words);
            all.addAll(List.of("--outputs", out.toString()));
            int code = command.execute(new PrintWriter(new StringWriter()), new PrintWriter(err), all);
            if (code != 0) {
                return failed("exit " + code + ": " + err.toString().strip());
            }
            return result(comparison.of(Npz.read(out)));
        } catch (IOException | RuntimeException e) { // of one case, which then misses; the others are still run
            return failed(e.toString());
        } finally {
            delete(out);
        }
    }

    private static Run schedules(Path folder) {
        try {
            return result(GoldenSchedules.compare(folder));
        } catch (RuntimeException e) { // likewise
            return failed(e.toString());
        }
    }

    private static Run result(List<Deviation> found) {
        Deviation worst = found.stream()
                .max(Comparator.comparingDouble(d -> Double.isNaN(d.share()) ? Double.POSITIVE_INFINITY : d.share()))
                .orElseThrow(() -> new IllegalStateException("nothing to compare"));
        return new Run(
                found.size(),
                worst.share(),
                worst.toString(),
                found.stream().filter(d -> !d.holds()).map(Deviation::toString).toList());
    }

    private static Run failed(String why) {
        return new Run(0, Double.NaN, why, List.of(why));
    }

    private static void delete(@Nullable Path file) {
        if (file != null) {
            AtomicFiles.delete(file);
        }
    }

    private String place(Path folder) {
        return "golden/" + root.relativize(folder).toString().replace('\\', '/');
    }

    private static String tolerances(JsonNode c) {
        JsonNode t = c.path("tolerance");
        String said =
                t.isTextual() ? t.asText() : t.path("f64").asText(t.path("rule").asText(""));
        return shortened(said.isEmpty() ? "as its case.json says" : said);
    }

    private static String numbers(JsonNode fields) {
        return fields.properties().stream()
                .map(e -> e.getKey() + " " + e.getValue().asText())
                .collect(Collectors.joining(", "));
    }

    private static String versions(JsonNode fields) {
        return fields.properties().stream()
                .map(e -> e.getKey().equals("precision")
                        ? e.getValue().asText()
                        : e.getKey() + " " + e.getValue().asText())
                .collect(Collectors.joining(", "));
    }

    private static String texts(JsonNode list, String separator) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(separator));
    }

    private static String note(String text) {
        return text.isEmpty() ? "" : "; " + shortened(text);
    }

    private static String shortened(String text) {
        return text.length() <= SHORT ? text : text.substring(0, SHORT).replaceFirst("\\s+\\S*$", "") + " …";
    }
}

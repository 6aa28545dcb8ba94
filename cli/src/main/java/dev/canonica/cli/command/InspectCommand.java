package dev.canonica.cli.command;

import dev.canonica.cli.terminal.Columns;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.Checkpoint;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.memory.ByteCount;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code canonica inspect}: what a checkpoint holds, from its header alone. */
@Command(
        name = "inspect",
        description = {
            "Prints a checkpoint's architecture, tensors, types and sizes, without loading it.",
            "PATH is a safetensors file, the index of several, a .pt, a model's folder with config.json, or a folder of such folders.",
            "Of a model that can be run, the layers are listed, too: LAYER in features:LAYER, jvp:LAYER and so on."
        })
public final class InspectCommand implements Callable<Integer> {
    private static final List<String> SUFFIXES =
            List.of(".safetensors", ".safetensors.index.json", ".pt", ".pth", ".bin");

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "PATH", description = "the file or folder")
    private Path path = Path.of("");

    @Option(names = "--totals", description = "print the totals, but not each tensor")
    private boolean totals;

    InspectCommand() {}

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (Files.isDirectory(path)) {
            if (!folder(path, out) && !inner(out)) {
                throw new ModelException(path + ": nothing to inspect; " + ModelDirectory.CONFIG
                        + " or a .safetensors or .pt file is needed");
            }
        } else {
            checkpoint(path, out);
            layers(path, out);
        }
        out.flush();
        return 0;
    }

    /** The folders of a pipeline, which has its parts in folders of their own. */
    private boolean inner(PrintWriter out) throws IOException {
        boolean any = false;
        for (Path dir : list(path)) {
            any |= Files.isDirectory(dir) && folder(dir, out);
        }
        return any;
    }

    /** Prints a folder's configurations and checkpoints; false if it has none. */
    private boolean folder(Path dir, PrintWriter out) throws IOException {
        boolean any = false;
        boolean weights = false;
        for (String name : List.of(ModelDirectory.CONFIG, SamplerConfig.FILE)) {
            if (Files.exists(dir.resolve(name))) {
                config(dir.resolve(name), out);
                any = true;
            }
        }
        for (Path file : list(dir)) {
            if (SUFFIXES.stream().anyMatch(file.getFileName().toString()::endsWith)) {
                checkpoint(file, out);
                any = true;
                weights = true;
            }
        }
        if (any && (Files.exists(dir.resolve(ModelDirectory.CONFIG)) || weights)) {
            layers(dir, out);
        }
        return any;
    }

    /** The layers of a model that can be run, or in a line why it cannot be. */
    private static void layers(Path model, PrintWriter out) {
        List<String> names;
        try {
            names = ModelDirectory.network(model, DType.F32).layers();
        } catch (ModelException | FormatException e) {
            out.println("no layers: " + CanonicaException.shown(String.valueOf(e.getMessage())));
            return;
        }
        out.println("layers");
        names.forEach(name -> out.println("  " + name));
    }

    private static List<Path> list(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.sorted().toList();
        }
    }

    private static void config(Path file, PrintWriter out) {
        out.println(CanonicaException.shown(file.toString()));
        Columns table = new Columns();
        JsonConfig.read(file).entries().forEach(table::row);
        table.print(out, "  ", 2);
        out.println();
    }

    private void checkpoint(Path file, PrintWriter out) {
        Checkpoint checkpoint = Checkpoint.open(file);
        out.println(CanonicaException.shown(file.toString()));
        if (!checkpoint.metadata().isEmpty()) {
            Columns about = new Columns();
            checkpoint.metadata().forEach(about::row);
            about.print(out, "  ", 2);
        }
        Columns table = new Columns();
        Map<String, long[]> sums = new LinkedHashMap<>();
        for (String name : checkpoint.names()) {
            String type = checkpoint.storedType(name);
            Shape shape = checkpoint.shape(name);
            long bytes = checkpoint.storedBytes(name);
            if (!totals) {
                table.row(name, type, shape.toString(), grouped(shape.size()), ByteCount.human(bytes));
            }
            long[] sum = sums.computeIfAbsent(type, _ -> new long[3]);
            sum[0]++;
            sum[1] += shape.size();
            sum[2] += bytes;
        }
        table.print(out, "  ", 3);
        sums.forEach((type, sum) -> out.println("  %s tensors of %s: %s elements, %s"
                .formatted(grouped(sum[0]), type, grouped(sum[1]), ByteCount.human(sum[2]))));
        if (sums.isEmpty()) {
            out.println("  no tensors");
        }
        checkpoint
                .unread()
                .forEach((name, type) ->
                        out.println(CanonicaException.shown("  not read: %s, %s".formatted(name, type))));
        if (!checkpoint.within().isEmpty()) {
            out.println("  under '" + CanonicaException.shown(checkpoint.within()) + "'");
        }
        out.println();
    }

    private static String grouped(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}

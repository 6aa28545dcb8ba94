package dev.canonica.cli.command;

import dev.canonica.cli.option.Sets;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.set.Export;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.Subset;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code canonica data make}: a data set as files. */
@Command(
        name = "make",
        description = {
            "Writes a data set as PNG images, with masks where they are known, and a table of labels (labels.csv).",
            "Goes on where it was stopped. The folder can be given wherever a SET is asked for."
        })
final class DataMakeCommand implements Callable<Integer> {
    @ParentCommand
    private DataCommand parent;

    @Parameters(paramLabel = "SET", description = "such as scenes:test or scenes:train?seed=3 (see canonica data)")
    private String set = "";

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the folder to write")
    private Path out = Path.of("");

    @Option(names = "--count", paramLabel = "N", description = "the first N images only (default: all)")
    @Within(min = 1)
    private @Nullable Integer count;

    DataMakeCommand() {}

    @Override
    public Integer call() {
        try (ImageSet all = Sets.open(set, parent.dataDir())) {
            ImageSet images = count == null ? all : Subset.first(all, count);
            try (Progress progress = Progress.start("writing", 0, images.size(), "images")) {
                Export.write(images, out, done -> progress.at(done, ""));
            }
        }
        return 0;
    }
}

package dev.canonica.cli.command;

import dev.canonica.cli.terminal.Columns;
import dev.canonica.data.named.DataSets;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code canonica data}: the data sets. */
@Command(
        name = "data",
        subcommands = {DataMakeCommand.class, DataCorruptCommand.class},
        description = {
            "Lists the data sets: what they are, where they are looked for, and how to get those that are missing.",
            "Wherever a SET is asked for, one of these names will do, or the path of a folder, zip or IDX file of images.",
            "'FOLDER?side=32' crops the images of a folder or zip at the centre and resizes them to 32 x 32."
        })
public final class DataCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "where data sets are looked for first")
    private @Nullable Path dataDir;

    DataCommand() {}

    /** Where data sets are looked for first, or null. */
    @Nullable
    Path dataDir() {
        return dataDir;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> roots = DataSets.roots(dataDir);
        Columns table = new Columns();
        Set<String> cures = new LinkedHashSet<>();
        for (DataSets.Listing set : DataSets.list(roots)) {
            Path place = set.place();
            table.row(set.spec(), set.what(), place == null ? "missing" : place.toString());
            if (place == null) {
                cures.add(set.spec().substring(0, set.spec().indexOf(':')) + ": " + set.cure());
            }
        }
        table.print(out, "", 3);
        out.println();
        out.println("looked for in: "
                + String.join(", ", roots.stream().map(Path::toString).toList()));
        cures.forEach(out::println);
        out.flush();
        return 0;
    }
}

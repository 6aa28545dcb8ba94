package dev.canonica.cli.command;

import dev.canonica.clarid.study.Extraction;
import dev.canonica.cli.attack.AttackOutputs;
import dev.canonica.cli.attack.AttackShards;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.ShardOption;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.DataException;
import dev.canonica.data.run.ShardFolders;
import dev.canonica.data.set.ImageCheck;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.io.AtomicFiles;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code canonica merge}: the parts of a work on many machines. */
@Command(
        name = "merge",
        description = {
            "Brings the folders of all shards of extract, sweep or evaluate together into the one that a single run would have made, or the results of attack.",
            "Nothing is computed again but the pages and tables, by the shards' own command: the model and the images have to be there for them.",
            "The same command goes on where it was stopped."
        })
public final class MergeCommand implements Callable<Integer> {
    /** Runs other commands. */
    public interface Commands {
        /** Runs a command line; gives its exit code. */
        int execute(PrintWriter out, PrintWriter err, List<String> words);
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "OUT",
            description = "the folder of the whole; of attacks the file, or the folder that it goes to")
    private Path out = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "DIR",
            description = "the folders of all shards, in any order; of attacks their files, or the folders of these")
    private List<Path> folders = new ArrayList<>();

    MergeCommand() {}

    @Override
    public Integer call() {
        for (Path folder : folders) {
            if (!Files.exists(folder) && !AttackShards.isAt(folder)) { // a shard without images has no result
                throw new Misuse("DIR: " + folder + ": no such folder");
            }
        }
        return folders.stream().noneMatch(ShardFolders::isRun)
                        && folders.stream().anyMatch(AttackShards::isAt)
                ? attacks()
                : runs();
    }

    private int runs() {
        if (isFile(out) && !Files.isDirectory(out)) {
            throw new Misuse("OUT: '" + out + "' ends like a file; shards of runs are merged into a folder");
        }
        ShardFolders shards = ShardFolders.of(folders, Extraction.places());
        boolean extraction = shards.kind().equals(Extraction.KIND);
        List<String> command = GivenOptions.without(shards.command(), ShardOption.NAME, GivenOptions.OUT);
        try (Progress progress = Progress.start("merging", 0, shards.count(), "parts")) {
            shards.merge(
                    out,
                    extraction ? Set.of(ImageCheck.LEFT_OUT) : Set.of(), // the others' command writes or deletes it
                    extraction ? () -> Extraction.check(shards) : () -> {},
                    done -> progress.at(done, ""));
        }
        if (extraction && !ExtractCommand.reports(shards.command())) {
            return 0;
        }
        List<String> whole = Stream.concat(command.stream(), Stream.of(GivenOptions.OUT, out.toString()))
                .toList();
        Commands commands = (Commands) spec.root().userObject();
        int code = ScopedValue.where(MergedShards.NOW, shards)
                .call(() -> commands.execute(
                        spec.commandLine().getOut(), spec.commandLine().getErr(), whole));
        if (code != 0) {
            throw DataException.curedBy(
                    GivenOptions.line(command),
                    out
                            + ": all parts are there, but the pages and tables could not be made of them; the same command goes on when the shards' command runs here");
        }
        return 0;
    }

    private static boolean isFile(Path out) {
        return out.toString().endsWith(".npz");
    }

    private int attacks() {
        AttackShards shards = AttackShards.of(folders);
        Path file = isFile(out) ? out : out.resolve(shards.name());
        shards.checkOut(file);
        try (Scope _ = Scope.open()) {
            AttackOutputs all = shards.joined();
            AtomicFiles.createFolders(file.toAbsolutePath().resolveSibling(""));
            all.writeNew(file);
            all.warnings().forEach(w -> spec.commandLine().getErr().println(spec.qualifiedName() + ": warning: " + w));
            spec.commandLine().getErr().flush();
            spec.commandLine().getOut().print(all.toJson(shards.shown()));
            spec.commandLine().getOut().flush();
        }
        return 0;
    }
}

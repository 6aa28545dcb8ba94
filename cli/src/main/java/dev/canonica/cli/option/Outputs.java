package dev.canonica.cli.option;

import dev.canonica.data.run.FolderLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The places that a command writes to. Each option of one says by its label what is written, {@code DIR}, {@code OUT.npz}, {@code FILE.png|DIR}: a name that
 * ends like a file of another kind is refused, and a file is this command's alone while it runs; folders have a lock of their own.
 */
public final class Outputs implements AutoCloseable {
    /** The label of the place of {@code merge}, which writes a folder, or a file of attacks. */
    private static final String MERGED = "OUT";

    private static final Set<String> NAMES = Set.of("--out", "--outputs", "--report", MERGED);

    /** The kinds of files that somebody could have expected to get. */
    private static final Set<String> KNOWN = Set.of(
            ("png jpg jpeg jpe jfif gif bmp webp tif tiff avif heic svg pdf npz npy mat pt pth ckpt safetensors onnx"
                            + " json jsonl yaml yml csv tsv xlsx txt log md html zip tar gz tgz parquet")
                    .split(" "));

    private final List<FolderLock> locks;

    private Outputs(List<FolderLock> locks) {
        this.locks = locks;
    }

    /**
     * Refuses names that end like a file of another kind than what is written.
     *
     * @throws ParameterException that names the option, and what would be right
     */
    public static void check(ParseResult command) {
        for (ArgSpec argument : places(command)) {
            Path path = argument.getValue();
            String label = argument.paramLabel();
            String kind = label.equals(MERGED) ? "npz" : suffix(label.replace("|DIR", ""));
            boolean folder = isFolder(argument);
            String suffix = suffix(lastOf(path));
            if (KNOWN.contains(suffix) && !suffix.equals(kind) && !(folder && Files.isDirectory(path))) {
                List<String> needed = new ArrayList<>();
                if (!kind.isEmpty()) {
                    needed.add("a name that ends in ." + kind);
                }
                if (folder) {
                    needed.add("a folder");
                }
                throw new ParameterException(
                        command.commandSpec().commandLine(),
                        "%s: '%s' ends like a file of another kind; %s is needed"
                                .formatted(Values.name(argument), path, String.join(" or ", needed)));
            }
        }
    }

    /**
     * Takes the files that a command writes.
     *
     * @throws dev.canonica.data.DataException if another command writes one of them; it says which
     */
    public static Outputs take(ParseResult command) {
        List<FolderLock> locks = new ArrayList<>();
        CommandSpec spec = command.commandSpec();
        for (ArgSpec argument : places(command)) {
            if (!isFolder(argument)) {
                FolderLock.takeFile(argument.getValue(), spec.name()).ifPresent(locks::add);
            }
        }
        return new Outputs(locks);
    }

    private static List<ArgSpec> places(ParseResult command) {
        return Stream.<ArgSpec>concat(command.matchedOptions().stream(), command.matchedPositionals().stream())
                .filter(argument -> NAMES.contains(Values.name(argument)))
                .filter(argument -> argument.getValue() instanceof Path)
                .toList();
    }

    private static boolean isFolder(ArgSpec argument) {
        return argument.paramLabel().endsWith("DIR") || argument.paramLabel().equals(MERGED);
    }

    private static String suffix(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1);
    }

    private static String lastOf(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        locks.forEach(FolderLock::close);
    }
}

package dev.canonica.cli.command;

import dev.canonica.cli.evaluate.CorruptionOptions;
import dev.canonica.cli.item.CorruptionInputs;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Once;
import dev.canonica.cli.option.OutputFile;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Table;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code canonica data corrupt}: images as the published corruptions leave them. */
@Command(
        name = "corrupt",
        description = {
            "Corrupts images as CIFAR-10-C and ImageNet-C do: 15 corruptions and 4 more, at 5 severities.",
            "IN.npz holds images (U8 [N, H, W, 3]) and, where a random field is given instead of drawn, that field; OUT.npz gets NAME/SEVERITY.",
            "What is drawn depends on seed, corruption, severity and the image's number alone."
        })
public final class DataCorruptCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private DataCommand parent;

    @Option(
            names = "--inputs",
            paramLabel = "IN.npz",
            required = true,
            description = "images, and random fields by name")
    private Path inputs = Path.of("");

    @Option(names = "--outputs", paramLabel = "OUT.npz", required = true, description = "the corrupted images")
    private Path outputs = Path.of("");

    @Option(
            names = "--table",
            paramLabel = "cifar|imagenet",
            required = true,
            description = "whose parameters: cifar for images of 32 x 32, imagenet for larger ones")
    private String table = "";

    @Option(names = "--names", paramLabel = "NAME", split = ",", description = "which corruptions (default: all)")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--severities",
            paramLabel = "S",
            split = ",",
            defaultValue = "1,2,3,4,5",
            description = "which severities (default: ${DEFAULT-VALUE})")
    @Within(min = 1, max = Corruption.SEVERITIES)
    private List<Integer> severities = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of what is drawn (default: ${DEFAULT-VALUE})")
    private long seed;

    DataCorruptCommand() {}

    @Override
    public Integer call() {
        if (parent.dataDir() != null) {
            throw new Misuse("--data-dir: has no effect here: the images are those of --inputs");
        }
        Once.check("--names", names);
        Once.check("--severities", severities);
        Table parameters = CorruptionOptions.table(table);
        List<Corruption> corruptions = CorruptionOptions.named("--names", names);
        OutputFile.check(outputs, "--inputs", inputs);
        CorruptionInputs in = CorruptionInputs.read(inputs);
        if (corruptions.stream().noneMatch(c -> severities.stream().anyMatch(s -> in.draws(c, s)))) {
            GivenOptions.of(spec).refuse("nothing is drawn", "--seed");
        }
        List<String> unused = in.unused(corruptions, severities);
        if (!unused.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println(CanonicaException.shown(
                            inputs + ": none of these corruptions takes " + String.join(", ", unused)));
            spec.commandLine().getErr().flush();
        }
        Map<String, Tensor> results = new LinkedHashMap<>();
        long total = (long) corruptions.size() * severities.size();
        try (Progress progress = Progress.start("corrupting", 0, total, "sets")) {
            for (Corruption corruption : corruptions) {
                for (int severity : severities) {
                    results.put(corruption.id() + "/" + severity, corrupted(in, corruption, parameters, severity));
                    progress.at(results.size(), corruption.id());
                }
            }
        }
        Npz.write(outputs, results);
        return 0;
    }

    private Tensor corrupted(CorruptionInputs in, Corruption corruption, Table parameters, int severity) {
        int[] which = in.imagesOf(corruption, severity);
        Shape one = in.shape();
        int length = Math.toIntExact(one.size());
        byte[] all = new byte[Math.multiplyExact(which.length, length)];
        for (int row = 0; row < which.length; row++) {
            byte[] pixels = corruption
                    .apply(
                            in.image(which[row]),
                            parameters,
                            severity,
                            in.fields(seed, corruption, severity, which[row], row))
                    .pixels();
            System.arraycopy(pixels, 0, all, row * length, length);
        }
        return Tensor.of(all, which.length, one.dim(0), one.dim(1), one.dim(2));
    }
}

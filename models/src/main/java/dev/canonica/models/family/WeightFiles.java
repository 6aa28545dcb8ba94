package dev.canonica.models.family;

import dev.canonica.models.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where the weights of a model are, by the names that diffusers, transformers and PyTorch give their files. */
final class WeightFiles {
    /** What others of the same weights may lie beside, in the order in which they are looked for. */
    private static final List<String> VARIANTS = List.of("fp16", "bf16", "fp32", "ema", "non_ema");

    /** In the order in which they are looked for: whole before sharded before variants. */
    private static final List<String> NAMES = names();

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        forms(names, "%s.%s", "%s.%s.index.json");
        for (String v : VARIANTS) {
            forms(names, "%s." + v + ".%s", "%s.%s.index." + v + ".json", "%s." + v + ".%s.index.json");
        }
        return List.copyOf(names);
    }

    private static void forms(List<String> names, String... forms) {
        for (String extension : new String[] {"safetensors", "bin"}) {
            String own = extension.equals("bin") ? "pytorch_model" : "model";
            for (String form : forms) {
                names.add(form.formatted(own, extension));
                names.add(form.formatted("diffusion_pytorch_model", extension));
            }
        }
    }

    private static final List<String> TORCH = List.of(".pt", ".pth", ".bin", ".ckpt");

    private WeightFiles() {}

    /** Whether a file's name is one that {@code torch.save} is used with. */
    static boolean isTorch(Path file) {
        String name = String.valueOf(file.getFileName());
        return TORCH.stream().anyMatch(name::endsWith);
    }

    private static boolean isVariant(Path file) {
        String name = String.valueOf(file.getFileName());
        return VARIANTS.stream().anyMatch(v -> name.contains("." + v + "."));
    }

    /** What trainers leave beside the weights: states of optimisers, schedules and random numbers, and options. */
    private static final Pattern BESIDE =
            Pattern.compile("(?:optimizer|scheduler|scaler|training_args|rng_state|random_states)(?:_\\d+)?\\..+");

    /** The parts that an index puts together. */
    private static final Pattern SHARD = Pattern.compile(".*-\\d{5}-of-\\d{5}\\..+");

    /**
     * The file or the index of the weights in a folder: by its name, or the only one that could be.
     *
     * @throws ModelException if there is none, or several that could be meant
     */
    static Path find(Path dir) {
        return usual(dir).orElseGet(() -> only(dir));
    }

    /** What is to be said of a file that {@link #find} did not know by its name. */
    static Optional<String> note(Path dir) {
        return usual(dir).isPresent()
                ? Optional.empty()
                : Optional.of(dir + ": the weights are taken from " + only(dir).getFileName()
                        + ", the only file that could have them");
    }

    private static Optional<Path> usual(Path dir) {
        return NAMES.stream().map(dir::resolve).filter(Files::exists).findFirst();
    }

    private static Path only(Path dir) {
        if (!hasConfig(dir) && hasConfig(dir.resolve("last"))) {
            throw new ModelException(dir + ": a training, not a model; its models are "
                    + (hasConfig(dir.resolve("best")) ? "best and last in it" : "last in it"));
        }
        List<Path> all;
        try (Stream<Path> files = Files.list(dir)) {
            all = files.filter(WeightFiles::couldBe).sorted().toList();
        } catch (IOException e) {
            throw new ModelException(dir + ": cannot be listed: " + e.getMessage(), e);
        }
        List<Path> whole = all.stream().filter(file -> !isVariant(file)).toList();
        List<Path> left = whole.isEmpty() ? all : whole;
        if (left.size() > 1) {
            throw new ModelException(dir + ": several files could be the weights, "
                    + left.get(0).getFileName() + " and " + left.get(1).getFileName()
                    + "; name one of them as the model");
        }
        if (left.isEmpty()) {
            throw new ModelException(dir + ": no weights; " + NAMES.get(0) + ", " + NAMES.get(1)
                    + ", their index (.index.json) or a .pt is needed");
        }
        Path file = left.getFirst();
        if (SHARD.matcher(String.valueOf(file.getFileName())).matches()) {
            throw new ModelException(file + ": one part of several; their index (.index.json) is needed");
        }
        return file;
    }

    private static boolean hasConfig(Path dir) {
        return Files.exists(dir.resolve(ModelDirectory.CONFIG));
    }

    private static boolean couldBe(Path file) {
        String name = String.valueOf(file.getFileName());
        boolean ends = name.endsWith(".safetensors") || name.endsWith(".pth.tar") || isTorch(file);
        return ends && !BESIDE.matcher(name).matches() && !name.startsWith("._") && Files.isRegularFile(file);
    }
}

package dev.canonica.models.family;

import dev.canonica.models.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    /**
     * The file or the index of the weights in a folder.
     *
     * @throws ModelException if there is none, or several that could be meant
     */
    static Path find(Path dir) {
        for (String name : NAMES) {
            if (Files.exists(dir.resolve(name))) {
                return dir.resolve(name);
            }
        }
        List<Path> torch;
        try (Stream<Path> files = Files.list(dir)) {
            torch = files.filter(WeightFiles::isTorch).sorted().toList();
        } catch (IOException e) {
            throw new ModelException(dir + ": cannot be listed: " + e.getMessage(), e);
        }
        List<Path> whole = torch.stream().filter(file -> !isVariant(file)).toList();
        torch = whole.isEmpty() ? torch : whole;
        if (torch.size() > 1) {
            throw new ModelException(dir + ": several files could be the weights, "
                    + torch.get(0).getFileName() + " and " + torch.get(1).getFileName()
                    + "; name one of them as the model");
        }
        if (torch.isEmpty()) {
            throw new ModelException(dir + ": no weights; " + NAMES.get(0) + ", " + NAMES.get(1)
                    + ", their index (.index.json) or a .pt is needed");
        }
        return torch.getFirst();
    }
}

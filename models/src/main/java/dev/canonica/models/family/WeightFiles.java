package dev.canonica.models.family;

import dev.canonica.models.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the weights of a model are, by the names that diffusers, transformers and PyTorch give their files. */
final class WeightFiles {
    /** In the order in which they are looked for: whole before sharded before 16-bit variants. */
    private static final List<String> NAMES = List.of(
            "model.safetensors",
            "diffusion_pytorch_model.safetensors",
            "model.safetensors.index.json",
            "diffusion_pytorch_model.safetensors.index.json",
            "pytorch_model.bin",
            "diffusion_pytorch_model.bin",
            "pytorch_model.bin.index.json",
            "diffusion_pytorch_model.bin.index.json",
            "model.fp16.safetensors",
            "diffusion_pytorch_model.fp16.safetensors",
            "model.safetensors.index.fp16.json",
            "diffusion_pytorch_model.safetensors.index.fp16.json");

    /** Of files that others of the same weights may lie beside. */
    private static final List<String> VARIANTS = List.of(".fp16.", ".bf16.", ".non_ema.");

    private static final List<String> TORCH = List.of(".pt", ".pth", ".bin", ".ckpt");

    private WeightFiles() {}

    /** Whether a file's name is one that {@code torch.save} is used with. */
    static boolean isTorch(Path file) {
        String name = String.valueOf(file.getFileName());
        return TORCH.stream().anyMatch(name::endsWith);
    }

    private static boolean isVariant(Path file) {
        String name = String.valueOf(file.getFileName());
        return VARIANTS.stream().anyMatch(name::contains);
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

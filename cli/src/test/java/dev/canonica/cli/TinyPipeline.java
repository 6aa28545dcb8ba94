package dev.canonica.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.tensor.Philox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** The small Stable Diffusion of the golden cases, with a tokenizer of letters, and images for it. */
final class TinyPipeline {
    static final int SIDE = 16;

    private static final Path GOLDEN = Path.of("../golden/models/sd21/model");

    private TinyPipeline() {}

    static Path writeModel(Path model) throws IOException {
        try (Stream<Path> files = Files.walk(GOLDEN)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = model.resolve(GOLDEN.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        tokenizer(model);
        return model;
    }

    /** Letters, and the marks of start and end that the golden text encoder has. */
    private static void tokenizer(Path model) throws IOException {
        Path dir = Files.createDirectories(model.resolve("tokenizer"));
        ObjectMapper json = new ObjectMapper();
        ObjectNode vocabulary = json.createObjectNode();
        int id = 2;
        for (char c = 'a'; c <= 'z'; c++) {
            vocabulary.put(String.valueOf(c), id++);
            vocabulary.put(c + "</w>", id++);
        }
        vocabulary.put("<|startoftext|>", 498);
        vocabulary.put("<|endoftext|>", 499);
        json.writeValue(dir.resolve("vocab.json").toFile(), vocabulary);
        Files.writeString(dir.resolve("merges.txt"), "#version: 0.2\n");
        Path index = model.resolve("model_index.json");
        ObjectNode parts = (ObjectNode) json.readTree(index.toFile());
        parts.putArray("tokenizer").add("transformers").add("CLIPTokenizer");
        json.writeValue(index.toFile(), parts);
    }

    /** Two images of one class and one of another. */
    static Path writeImages(Path images) throws IOException {
        for (int i = 0; i < 3; i++) {
            Path dir = Files.createDirectories(images.resolve(i % 2 == 0 ? "cat" : "dog"));
            byte[] pixels = new byte[3 * SIDE * SIDE];
            Philox random = new Philox(7, i);
            for (int p = 0; p < pixels.length; p++) {
                pixels[p] = (byte) random.bounded(p, 256);
            }
            Png.write(new Image(3, SIDE, SIDE, pixels), dir.resolve(i + ".png"));
        }
        return images;
    }
}

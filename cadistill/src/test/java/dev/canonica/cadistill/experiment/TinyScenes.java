package dev.canonica.cadistill.experiment;

import dev.canonica.data.image.Image;
import dev.canonica.data.named.Scenes;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Scenes of garments that are none, and a teacher of them that has learned nothing. */
final class TinyScenes {
    private TinyScenes() {}

    /** Blocks, one for each class. */
    private record Blocks(int size) implements ImageSet {
        @Override
        public String name() {
            return "blocks";
        }

        @Override
        public int channels() {
            return 1;
        }

        @Override
        public int height() {
            return Scenes.GARMENT;
        }

        @Override
        public int width() {
            return Scenes.GARMENT;
        }

        @Override
        public List<String> classes() {
            return IntStream.range(0, 10).mapToObj(c -> "block " + c).toList();
        }

        @Override
        public int label(int index) {
            return index % 10;
        }

        @Override
        public Image image(int index) {
            byte[] pixels = new byte[Scenes.GARMENT * Scenes.GARMENT];
            for (int p = 0; p < pixels.length; p++) {
                pixels[p] = (byte) (p / Scenes.GARMENT / 3 == label(index) ? 255 : new Philox(3, index).bounded(p, 30));
            }
            return new Image(1, Scenes.GARMENT, Scenes.GARMENT, pixels);
        }
    }

    static Path writeTeacher(Path teacher) {
        DitConfig config = new DitConfig(32, 4, 3, 8, 3, 2, 2, 0.1, 10, false);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        Dit.initialised(config, 1)
                .parameters()
                .forEach((name, t) -> weights.put(
                        name,
                        Tensor.normal(t.dtype(), t.shape(), new Philox(name.hashCode()))
                                .times(0.2)));
        ModelDirectory.save(teacher, new Dit(config, weights), Optional.of(SamplerConfig.COSINE_V), weights, Map.of());
        return teacher;
    }

    /** Scenes of blocks, by the names that the experiment uses; Scenes in the place of CIFAR-10, too. */
    static ImageSet open(String name) {
        if (name.startsWith("cifar10:")) {
            Scenes.Split split = name.endsWith(":test") ? Scenes.Split.TEST : Scenes.Split.TRAIN;
            return new Scenes(new Blocks(40), split, 7, 0, 240);
        }
        Map<String, String> options = new TreeMap<>();
        String[] parts = name.split("[?]");
        for (String option : parts[1].split("&")) {
            options.put(option.split("=")[0], option.split("=")[1]);
        }
        Scenes.Split split = switch (parts[0]) {
            case "scenes:biased-train" -> Scenes.Split.BIASED_TRAIN;
            case "scenes:train" -> Scenes.Split.TRAIN;
            case "scenes:test" -> Scenes.Split.TEST;
            case "scenes:swapped-test" -> Scenes.Split.SWAPPED_TEST;
            default -> throw new IllegalArgumentException(name);
        };
        return new Scenes(
                new Blocks(40),
                split,
                Long.parseLong(options.getOrDefault("seed", "0")),
                Double.parseDouble(options.getOrDefault("rho", "0.95")),
                Integer.parseInt(options.getOrDefault("size", "40")));
    }
}

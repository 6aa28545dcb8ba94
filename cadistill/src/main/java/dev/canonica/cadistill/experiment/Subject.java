package dev.canonica.cadistill.experiment;

import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.Subset;
import dev.canonica.models.ModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Which images students learn from, and are tested on. */
public sealed interface Subject {
    /** The test that every subject has. */
    String TEST = "test";

    /** Of Scenes: images in which no class has its background. */
    String SWAPPED = "swapped-test";

    /** Names of the sets of images, of which all but Scenes have no confounder. */
    List<String> DATA = List.of(Scenes.NAME, Cifar10.NAME);

    /** The name of the set of images, one of {@link #DATA}. */
    String data();

    /** The name of its folder. */
    String folder();

    /** What it is called on the terminal and on pages. */
    String title();

    /** The strength of the confounder, where one is known. */
    default OptionalDouble rho() {
        return OptionalDouble.empty();
    }

    /** Whether masks of objects are known. */
    default boolean masks() {
        return false;
    }

    /** Whether a mirrored image is as likely as the image. */
    default boolean mirrored() {
        return false;
    }

    /** The first {@code size} of the images that students learn from; fewer are the first of more. */
    ImageSet learned(Function<String, ImageSet> sets, int size);

    /** Images that the course of a training is measured on, which nothing is chosen by: neither learned from, where {@code size} images are, nor tested on. */
    ImageSet course(Function<String, ImageSet> sets, int size);

    /** The tests of {@code size} images by name, {@link #TEST} first. */
    Map<String, ImageSet> tests(Function<String, ImageSet> sets, int size);

    /**
     * Garments over computed backgrounds: class c has background family c with probability ρ where students learn, any background in the test, and never that one in
     * the swapped test.
     *
     * @param probability ρ
     */
    record Scenes(double probability) implements Subject {
        /** As it is named on the command line. */
        public static final String NAME = "scenes";

        /** Checks ρ. */
        public Scenes {
            if (!(probability >= 0 && probability <= 1)) {
                throw new ModelException("experiment: rho " + probability + " is no probability");
            }
            probability = Math.abs(probability); // -0.0 is 0, in the folder's name, too
        }

        @Override
        public String data() {
            return NAME;
        }

        @Override
        public String folder() {
            return "rho-" + probability;
        }

        @Override
        public String title() {
            return "rho " + probability;
        }

        @Override
        public OptionalDouble rho() {
            return OptionalDouble.of(probability);
        }

        @Override
        public boolean masks() {
            return true;
        }

        @Override
        public ImageSet learned(Function<String, ImageSet> sets, int size) {
            return sets.apply("scenes:biased-train?rho=%s&size=%d".formatted(probability, size));
        }

        @Override
        public ImageSet course(Function<String, ImageSet> sets, int size) {
            return sets.apply("scenes:train?seed=1&size=" + SmallImages.COURSE);
        }

        @Override
        public Map<String, ImageSet> tests(Function<String, ImageSet> sets, int size) {
            Map<String, ImageSet> tests = new LinkedHashMap<>();
            for (String name : List.of(TEST, SWAPPED)) {
                tests.put(name, sets.apply("scenes:%s?size=%d".formatted(name, size)));
            }
            return tests;
        }
    }

    /** CIFAR-10 (Krizhevsky 2009): natural images of ten classes, class by class in turns, so that the first of them have as many of each class as can be. */
    record Cifar10() implements Subject {
        /** As it is named on the command line. */
        public static final String NAME = "cifar10";

        @Override
        public String data() {
            return NAME;
        }

        @Override
        public String folder() {
            return NAME;
        }

        @Override
        public String title() {
            return NAME;
        }

        @Override
        public boolean mirrored() {
            return true;
        }

        @Override
        public ImageSet learned(Function<String, ImageSet> sets, int size) {
            return inTurns(sets.apply("cifar10:train"), 0, size);
        }

        @Override
        public ImageSet course(Function<String, ImageSet> sets, int size) {
            return inTurns(sets.apply("cifar10:train"), size, SmallImages.COURSE);
        }

        @Override
        public Map<String, ImageSet> tests(Function<String, ImageSet> sets, int size) {
            return Map.of(TEST, inTurns(sets.apply("cifar10:test"), 0, size));
        }

        private static ImageSet inTurns(ImageSet all, int from, int count) {
            if (all.size() < from + count) {
                all.close();
                throw new ModelException("experiment: %s has %d images; %s are needed"
                        .formatted(
                                all.name(),
                                all.size(),
                                from == 0
                                        ? Integer.toString(count)
                                        : "%d to learn from and %d to measure the course by".formatted(from, count)));
            }
            int classes = all.classes().size();
            List<List<Integer>> byClass = IntStream.range(0, classes)
                    .mapToObj(c -> IntStream.range(0, all.size())
                            .filter(i -> all.label(i) == c)
                            .boxed()
                            .toList())
                    .toList();
            int[] turns = IntStream.iterate(0, turn -> turn < all.size(), turn -> turn + 1)
                    .boxed()
                    .flatMap(turn ->
                            byClass.stream().filter(of -> turn < of.size()).map(of -> of.get(turn)))
                    .mapToInt(Integer::intValue)
                    .skip(from)
                    .limit(count)
                    .toArray();
            return Subset.of(all, turns);
        }
    }
}

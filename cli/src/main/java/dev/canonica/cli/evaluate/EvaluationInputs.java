package dev.canonica.cli.evaluate;

import dev.canonica.cadistill.attack.AttackException;
import dev.canonica.cadistill.attack.method.Attacks;
import dev.canonica.cadistill.evaluate.AttackPlan;
import dev.canonica.cadistill.evaluate.ClassMask;
import dev.canonica.cadistill.evaluate.EvaluatedModel;
import dev.canonica.cadistill.evaluate.EvaluationPlan.Candidate;
import dev.canonica.cadistill.evaluate.Labelled;
import dev.canonica.cadistill.evaluate.ObjectLayers;
import dev.canonica.cli.attack.AttackModel;
import dev.canonica.cli.attack.AttackOptions;
import dev.canonica.cli.option.ModelClasses;
import dev.canonica.cli.option.ReadImages;
import dev.canonica.cli.option.Sets;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.DataException;
import dev.canonica.data.set.Contents;
import dev.canonica.data.set.ImageCheck;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.io.ItemDigest;
import dev.canonica.tensor.operation.NonFiniteException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The models and sets of an evaluation. What cannot be read or does not fit, an image, another set, one of several models, is said in one line, and the rest
 * goes on without it.
 */
public final class EvaluationInputs implements AutoCloseable {

    /**
     * What was asked for.
     *
     * @param masked whether masks of the objects are needed
     * @param masks their folder; null for those of the set
     * @param outside other sets by their names
     * @param classMasks files of their classes
     * @param neighbours how many in the bank are asked for; null where it is left to the default
     * @param layer whose features are judged; null for none
     * @param attacks to be made on the models; null for none
     */
    public record Given(
            List<Path> models,
            String data,
            @Nullable Path dataDir,
            @Nullable Integer limit,
            @Nullable String classIds,
            boolean masked,
            @Nullable Path masks,
            Map<String, String> outside,
            Map<String, Path> classMasks,
            @Nullable String bank,
            @Nullable Integer neighbours,
            @Nullable String layer,
            @Nullable AttackPlan attacks) {}

    private final Given given;
    private final List<String> problems = new ArrayList<>();
    private final List<ImageCheck.Bad> bad = new ArrayList<>();
    private final List<ImageSet> open;
    private final ImageSet images;
    private final Map<String, ImageSet> outside = new LinkedHashMap<>();
    private final @Nullable ImageSet bank;
    private final @Nullable ObjectLayers layers;
    private final List<Candidate> candidates = new ArrayList<>();

    private EvaluationInputs(Given given, List<ImageSet> open) {
        this.given = given;
        this.open = open;
        ImageSet all = opened(given.data);
        Integer limit = given.limit;
        this.images = some(readable(all, limit == null ? all.size() : limit));
        this.layers = given.masked ? checked(layers(given.masks)) : null;
        given.outside.forEach((name, set) -> {
            try {
                outside.put(name, some(readable(opened(set), Integer.MAX_VALUE)));
            } catch (DataException e) {
                problem("--ood " + name, e);
            }
        });
        String from = given.bank;
        this.bank = from == null ? null : checked(some(readable(opened(from), Integer.MAX_VALUE)));
        for (Path model : given.models) {
            try {
                candidates.add(candidate(model));
            } catch (ModelException | DataException | AttackException | NonFiniteException | Misuse e) {
                if (given.models.size() == 1) {
                    throw e;
                }
                problem(model.toString(), e);
            }
        }
        if (candidates.isEmpty()) {
            throw new ModelException("none of %d models can be evaluated, first: %s"
                    .formatted(given.models.size(), problems.getFirst()));
        }
    }

    /** Opens all that was asked for, and reads every image once. */
    public static EvaluationInputs open(Given given) {
        List<ImageSet> open = new ArrayList<>();
        boolean made = false;
        try {
            EvaluationInputs inputs = new EvaluationInputs(given, open);
            made = true;
            return inputs;
        } finally {
            if (!made) {
                open.forEach(ImageSet::close);
            }
        }
    }

    /** A bank that has as many images as neighbours are asked for. */
    private ImageSet checked(ImageSet bank) {
        Integer asked = given.neighbours;
        if (asked != null && asked > bank.size()) {
            throw new Misuse("--neighbours: %d; a number from 1 to %d, the images of --bank, is needed"
                    .formatted(asked, bank.size()));
        }
        return bank;
    }

    /** A set that has an image. */
    private static ImageSet some(ImageSet set) {
        if (set.size() == 0) {
            throw new DataException(set.name() + ": has no image that can be read");
        }
        return set;
    }

    private ImageSet opened(String set) {
        ImageSet images = Sets.open(set, given.dataDir);
        open.add(images);
        return images;
    }

    private ImageSet readable(ImageSet set, int most) {
        ReadImages read = ReadImages.first(set, most, "left out");
        bad.addAll(read.bad());
        if (!read.bad().isEmpty()) {
            problems.add("%s: %d of %d images cannot be read (left-out.csv)"
                    .formatted(set.name(), read.bad().size(), set.size()));
        }
        return read.good();
    }

    private void problem(String what, RuntimeException e) {
        String line = CanonicaException.shown(what + ": not evaluated: " + e.getMessage());
        System.err.println(line);
        problems.add(line);
    }

    private Candidate candidate(Path path) {
        AttackModel file = AttackModel.read(path);
        int classes = file.victim().classes();
        AttackPlan under = given.attacks;
        if (under != null) {
            AttackOptions.checkTargets(under.settings().targets(), classes);
        }
        check(path, file.classifier());
        List<String> names = ModelDirectory.classNames(path);
        IntUnaryOperator label = ModelClasses.of(images, given.classIds, names, classes);
        EvaluatedModel model =
                new EvaluatedModel(name(path), ModelDigest.of(path), file.victim(), names(names, label, classes));
        model.output(
                List.of(images.image(0)),
                Probe.OUTPUT); // where it gives no logits of such images, nothing can be measured
        Map<String, Labelled> others = new LinkedHashMap<>();
        outside.forEach((name, set) -> {
            try {
                others.put(name, outside(name, set, names, classes));
            } catch (ModelException | DataException | Misuse e) {
                problem(model.name() + " on " + name, e);
            }
        });
        ImageSet from = bank;
        return new Candidate(
                model,
                new Labelled(images, label, null),
                others,
                from == null ? null : new Labelled(from, ModelClasses.of(from, given.classIds, names, classes), null));
    }

    /** Refuses a classifier that some of what was asked for cannot be measured of, before anything is. */
    private void check(Path path, Classifier classifier) {
        if (classifier.channels() != 3) {
            throw new ModelException(
                    "%s: takes images of %d channels; those of a set have 3".formatted(path, classifier.channels()));
        }
        String layer = given.layer;
        if (layer != null && !classifier.layers().contains(layer)) {
            throw new ModelException("%s: --feature-layer: no layer '%s'; it has %s"
                    .formatted(path, layer, String.join(", ", classifier.layers())));
        }
        AttackPlan plan = given.attacks;
        if (plan != null) {
            plan.attacks().forEach(name -> Attacks.check(name, plan.settings(), classifier.classes()));
        }
    }

    /** The names of a model's classes: its own, or those of the set's classes that they are. */
    private List<String> names(List<String> own, IntUnaryOperator label, int classes) {
        if (own.size() == classes) {
            return own;
        }
        String[] names = new String[classes];
        Arrays.setAll(names, k -> "class " + k);
        for (int i = 0; i < images.size(); i++) {
            names[label.applyAsInt(i)] = images.classes().get(images.label(i));
        }
        return List.of(names);
    }

    private Labelled outside(String name, ImageSet set, List<String> names, int classes) {
        Path file = given.classMasks.get(name);
        if (file == null) {
            return new Labelled(set, ModelClasses.of(set, null, names, classes), null);
        }
        Map<String, Integer> mask = ClassMask.read(file, classes);
        boolean[] among = new boolean[classes];
        mask.values().forEach(k -> among[k] = true);
        int[] ids = set.classes().stream()
                .mapToInt(folder -> {
                    Integer id = mask.get(folder);
                    if (id == null) {
                        throw new DataException("%s: class '%s' is not in %s".formatted(set.name(), folder, file));
                    }
                    return id;
                })
                .toArray();
        set.requireClasses("");
        return new Labelled(set, i -> ids[set.label(i)], among);
    }

    private String name(Path path) {
        String last = last(path);
        return given.models.stream()
                                .map(EvaluationInputs::last)
                                .filter(last::equals)
                                .count()
                        == 1
                ? last
                : path.toString();
    }

    private static String last(Path path) {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName());
    }

    private ObjectLayers layers(@Nullable Path folder) {
        if (folder == null) {
            if (images instanceof MaskedImageSet masked) {
                return ObjectLayers.of(masked);
            }
            throw new DataException(images.name() + ": no masks of the objects are known; --masks DIR gives them");
        }
        return ObjectLayers.masks(new MaskFolder(images, folder)::mask);
    }

    /** These layers, whose masks have been read once each: a missing one is told of before work starts. */
    private ObjectLayers checked(ObjectLayers by) {
        for (int i = 0; i < images.size(); i++) {
            Objects.requireNonNull(by.masks().apply(i));
        }
        return by;
    }

    /** The images, but for those that cannot be read. */
    public ImageSet images() {
        return images;
    }

    /** These, those of the other sets and those of the bank. */
    public List<ImageSet> sets() {
        return Stream.of(Stream.of(images), outside.values().stream(), Stream.ofNullable(bank))
                .flatMap(sets -> sets)
                .toList();
    }

    /** The models, each with its classes. */
    public List<Candidate> candidates() {
        return List.copyOf(candidates);
    }

    /** Objects and backgrounds of the images; null where they are not needed. */
    public @Nullable ObjectLayers layers() {
        return layers;
    }

    /** What could not be evaluated, a line each. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    /** Writes which images were left out, if any were. */
    public void list(Path folder) {
        ImageCheck.write(bad, folder.resolve(ImageCheck.LEFT_OUT));
    }

    /** What the images and their classes hold, in a line. */
    public String digest() {
        return digest(images);
    }

    /** What the images of all sets are called, in their order, a line each set. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        names.add(Contents.names(images, images.size()));
        outside.forEach((name, set) -> names.add(name + " " + Contents.names(set, set.size())));
        ImageSet from = bank;
        if (from != null) {
            names.add("bank " + Contents.names(from, from.size()));
        }
        return names;
    }

    /** What the masks hold, in a line. */
    public String maskDigest() {
        ObjectLayers by = layers;
        return by == null
                ? ""
                : "SHA-256 "
                        + ItemDigest.of(images.size(), i -> by.masks().apply(i).pixels(), _ -> {})
                        + (by.behind() == null ? "" : ", with what lies behind");
    }

    /** What the other sets hold, a line each. */
    public List<String> outsideDigests() {
        return outside.entrySet().stream()
                .map(e -> e.getKey() + " " + digest(e.getValue()))
                .toList();
    }

    /** What the bank holds, in a line. */
    public String bankDigest() {
        ImageSet from = bank;
        return from == null ? "" : digest(from);
    }

    private static String digest(ImageSet set) {
        return "SHA-256 " + Contents.ofImages(set);
    }

    @Override
    public void close() {
        open.forEach(ImageSet::close);
    }
}

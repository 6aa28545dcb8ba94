package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.CanonicaException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which of a model's classes each class of a set of images is. A folder with some of a model's classes numbers them from 0, which the model
 * does not: they are found by name, or by number where they are named so.
 */
public final class ModelClasses {
    private static final int SHOWN = 3;

    private ModelClasses() {}

    /**
     * The model's class of an image, by its index.
     *
     * @param given the model's class of each class of the set, as the command line gives it; null if it does not
     * @param names of the model's classes, or none
     * @param count of the model's classes
     */
    public static IntUnaryOperator of(ImageSet set, @Nullable String given, List<String> names, int count) {
        set.requireClasses("");
        int[] ids = given == null
                ? found(set, names, count)
                : parsed(given, set.classes().size(), count);
        return image -> ids[set.label(image)];
    }

    private static int[] found(ImageSet set, List<String> names, int count) {
        List<String> own = set.classes();
        List<String> known = names.stream().map(ModelClasses::plain).toList();
        if (own.stream().allMatch(name -> known.contains(plain(name)))) {
            return own.stream()
                    .mapToInt(name -> byName(set, known, name, count))
                    .toArray();
        }
        if (own.stream().allMatch(name -> number(name) >= 0 && number(name) < count)) {
            return own.stream().mapToInt(ModelClasses::number).toArray();
        }
        if (own.size() == count) {
            sayOrder(set, names);
            return IntStream.range(0, count).toArray();
        }
        throw new ModelException(
                "%s: its %s not found among the model's %d%s, by name or as numbers; --class-ids gives the model's number of each: %s"
                        .formatted(
                                set.name(),
                                own.size() == 1 ? "class is" : own.size() + " classes are",
                                count,
                                listed(names),
                                String.join(", ", own)));
    }

    /** The one class of a name: ImageNet's short names have two cranes, and files may name more classes than a network has. */
    private static int byName(ImageSet set, List<String> known, String name, int count) {
        int first = known.indexOf(plain(name));
        int last = known.lastIndexOf(plain(name));
        if (first != last || first >= count) {
            throw new ModelException(
                    "%s: class '%s' is by the model's names its number %d%s; --class-ids gives the model's number of each"
                            .formatted(
                                    set.name(),
                                    name,
                                    first,
                                    first != last ? " and its number " + last : ", and it has " + count + " classes"));
        }
        return first;
    }

    /** Where names are known and are others, says that they are taken for each other: {@code n01440764} is likely the model's {@code tench}, but who knows. */
    private static void sayOrder(ImageSet set, List<String> names) {
        if (names.isEmpty()) {
            return;
        }
        String pairs = IntStream.range(0, Math.min(names.size(), set.classes().size()))
                .limit(SHOWN)
                .mapToObj(i -> "'%s' for '%s'".formatted(set.classes().get(i), names.get(i)))
                .collect(Collectors.joining(", "));
        System.err.println(CanonicaException.line(
                "%s: its classes are none of the model's by name, and are taken for them in their order: %s%s; --class-ids gives others"
                        .formatted(set.name(), pairs, names.size() > SHOWN ? ", …" : "")));
    }

    /** A model's names where a line holds them. */
    private static String listed(List<String> names) {
        return names.isEmpty() || names.size() > 20 ? "" : " (" + String.join(", ", names) + ")";
    }

    private static int[] parsed(String given, int needed, int count) {
        int[] ids = Arrays.stream(given.split(",", -1))
                .mapToInt(item -> {
                    int id = number(item.strip());
                    if (id < 0 || id >= count) {
                        throw new Misuse("--class-ids: '" + item + "' is not a number from 0 to " + (count - 1));
                    }
                    return id;
                })
                .toArray();
        if (ids.length != needed) {
            throw new Misuse("--class-ids: %d of %d numbers; one for each class of the images is needed"
                    .formatted(ids.length, needed));
        }
        return ids;
    }

    /** Whether two models' classes are the same in the same order, or the names of one are not known. */
    public static boolean same(List<String> names, List<String> others) {
        return names.isEmpty()
                || others.isEmpty()
                || names.stream()
                        .map(ModelClasses::plain)
                        .toList()
                        .equals(others.stream().map(ModelClasses::plain).toList());
    }

    /** Whether what two classes of one number are called speaks against taking one for the other: names are not the same, and some are those of others. Names that have nothing in common say nothing. */
    static boolean clash(List<String> names, List<String> others) {
        List<String> known = others.stream().map(ModelClasses::plain).toList();
        return !same(names, others) && names.stream().map(ModelClasses::plain).anyMatch(known::contains);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ').replace('-', ' ').strip();
    }

    /** −1 for what is no number. */
    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }
}

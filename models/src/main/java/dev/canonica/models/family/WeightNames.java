package dev.canonica.models.family;

import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.Checkpoint;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A model's tensors under the model's own names. What trains or compiles a model puts names before them: {@code module.} (parallel training), {@code
 * _orig_mod.} (compilation), {@code model.}, {@code ema.} and others, one inside the other. One that all tensors share is left out, and so is whatever stands before the
 * {@linkplain ModelFamily#marked marks} of the wanted family, with all that does not begin so: losses, heads and other networks.
 *
 * @param checkpoint the tensors
 * @param prefix what was left out
 * @param without what was beside them, such as the number of an average's updates
 * @param averaged the prefix of the weights that these are the average of; empty where it was not for that that they were taken
 */
record WeightNames(Checkpoint checkpoint, String prefix, Set<String> without, String averaged) {
    private static final List<String> PREFIXES = List.of(
            "module.",
            "_orig_mod.",
            "model.",
            "model_state_dict.",
            "state_dict.",
            "net.",
            "network.",
            "ema.",
            "ema_model.",
            "model_ema.",
            "params_ema.",
            "params.");

    private static final int MOST_SHOWN = 3;

    /** What averages of weights are called; a teacher is one in self-distillation, and another network in distillation. */
    private static final Pattern AVERAGE = Pattern.compile("(?:.*[._])?(?:ema|average|averaged|swa)[._].*");

    WeightNames {
        without = Set.copyOf(without);
    }

    /**
     * The tensors of a file or of an index.
     *
     * @param families those whose networks are wanted
     * @throws ModelException if the file has two networks of them, neither of which is an average of the other
     */
    static WeightNames open(Path file, List<ModelFamily<?>> families) {
        WeightNames whole = whole(file);
        List<Set<String>> marks =
                families.stream().flatMap(f -> f.marks().stream()).distinct().toList();
        if (marks.stream().anyMatch(whole.checkpoint.names()::containsAll)) {
            return whole;
        }
        List<String> prefixes = whole.prefixes(marks);
        return prefixes.isEmpty() ? whole : whole.one(prefixes);
    }

    /** What stands before all of one of these sets of names. */
    private List<String> prefixes(List<Set<String>> marks) {
        Set<String> names = checkpoint.names();
        Set<String> prefixes = new TreeSet<>();
        for (Set<String> set : marks) {
            String first = set.iterator().next();
            for (String name : names) {
                String before = name.endsWith("." + first) ? name.substring(0, name.length() - first.length()) : "";
                if (!before.isEmpty() && set.stream().allMatch(mark -> names.contains(before + mark))) {
                    prefixes.add(before);
                }
            }
        }
        return List.copyOf(prefixes);
    }

    /** The only one, or of two the average of the other. */
    private WeightNames one(List<String> prefixes) {
        if (prefixes.size() == 1) {
            return leavingOut(prefixes.getFirst());
        }
        String first = prefixes.get(0);
        String second = prefixes.get(1);
        boolean firstIs = AVERAGE.matcher(first).matches();
        boolean averages = prefixes.size() == 2
                && firstIs != AVERAGE.matcher(second).matches()
                && shapes(first).equals(shapes(second));
        if (!averages) {
            throw new ModelException(
                    "%s: holds more than one network, under '%s' and '%s', and nothing says which is meant; a file with one of them is needed"
                            .formatted(checkpoint.file(), prefix + first, prefix + second));
        }
        WeightNames average = leavingOut(firstIs ? first : second);
        return new WeightNames(
                average.checkpoint, average.prefix, average.without, prefix + (firstIs ? second : first));
    }

    private Map<String, Shape> shapes(String before) {
        Map<String, Shape> shapes = new TreeMap<>();
        for (String name : checkpoint.names()) {
            Shape shape = checkpoint.shape(name);
            if (name.startsWith(before) && shape.rank() > 0) {
                shapes.put(name.substring(before.length()), shape);
            }
        }
        return shapes;
    }

    private static WeightNames whole(Path file) {
        WeightNames names = new WeightNames(Checkpoint.open(file), "", Set.of(), "");
        for (Optional<String> more = names.shared(); more.isPresent(); more = names.shared()) {
            names = names.leavingOut(more.get());
        }
        return names;
    }

    /** A prefix that all tensors have, but perhaps for some that are single numbers. */
    private Optional<String> shared() {
        List<String> arrays = checkpoint.names().stream()
                .filter(name -> checkpoint.shape(name).rank() > 0)
                .toList();
        return PREFIXES.stream()
                .filter(p -> !arrays.isEmpty()
                        && arrays.stream().allMatch(name -> name.startsWith(p) && name.length() > p.length()))
                .findFirst();
    }

    private WeightNames leavingOut(String more) {
        Map<String, String> names = new LinkedHashMap<>();
        Set<String> rest = new TreeSet<>(without);
        for (Set<String> all : List.of(checkpoint.names(), checkpoint.unread().keySet())) {
            for (String name : all) {
                if (name.startsWith(more)) {
                    names.put(name, name.substring(more.length()));
                } else {
                    rest.add(prefix + name);
                }
            }
        }
        return new WeightNames(checkpoint.renamed(names), prefix + more, rest, averaged);
    }

    /** What is to be said of how the file was read; empty where its tensors are all that it holds, under their own names. */
    List<String> notes() {
        String where = checkpoint.within().isEmpty() ? "" : "under '" + checkpoint.within() + "'";
        String average = averaged.isEmpty() ? "" : ", an average of those under '" + averaged + "'";
        String how = prefix.isEmpty() ? "" : "without the prefix '" + prefix + "'" + average;
        String rest = without.isEmpty()
                ? ""
                : " (not read: "
                        + String.join(
                                ", ",
                                new TreeSet<>(without)
                                        .stream().limit(MOST_SHOWN).toList())
                        + (without.size() > MOST_SHOWN ? ", …" : "") + ")";
        if (where.isEmpty() && how.isEmpty()) {
            return List.of();
        }
        String and = where.isEmpty() || how.isEmpty() ? "" : ", ";
        return List.of(checkpoint.file() + ": the weights are its tensors " + where + and + how + rest);
    }
}

package dev.canonica.models.family;

import dev.canonica.tensor.io.Checkpoint;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A model's tensors under the model's own names. What trains or compiles a model puts names before them: {@code module.} (parallel training), {@code
 * _orig_mod.} (compilation), {@code model.}, {@code ema.} and others, one inside the other. One that all tensors share is left out.
 *
 * @param checkpoint the tensors
 * @param prefix what was left out
 * @param without what was beside them, such as the number of an average's updates
 */
record WeightNames(Checkpoint checkpoint, String prefix, Set<String> without) {
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

    WeightNames {
        without = Set.copyOf(without);
    }

    /** The tensors of a file or of an index. */
    static WeightNames open(Path file) {
        WeightNames names = new WeightNames(Checkpoint.open(file), "", Set.of());
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
        return new WeightNames(checkpoint.renamed(names), prefix + more, rest);
    }

    /** What is to be said of how the file was read; empty where its tensors are all that it holds, under their own names. */
    List<String> notes() {
        String where = checkpoint.within().isEmpty() ? "" : "under '" + checkpoint.within() + "'";
        String how = prefix.isEmpty() ? "" : "without the prefix '" + prefix + "'";
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

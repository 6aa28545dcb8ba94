package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.ModelException;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The classes of a model, and which of them were asked for. */
public final class ClassSelection {
    private final List<String> names;
    private final int count;

    /**
     * A model's classes.
     *
     * @param names one for each class, or none
     */
    public ClassSelection(List<String> names, int count) {
        if (!names.isEmpty() && names.size() != count) {
            throw new ModelException("the model names " + names.size() + " classes, but has " + count);
        }
        this.names = names;
        this.count = count;
    }

    /** A class's name, or its number where the model names none. */
    public String name(int c) {
        return names.isEmpty() ? Integer.toString(c) : names.get(c);
    }

    /** The classes of a list of numbers and names separated by commas, or {@code all}, in order. */
    public int[] parse(String text) {
        if (text.equals("all")) {
            return IntStream.range(0, count).toArray();
        }
        TreeSet<Integer> chosen = new TreeSet<>();
        for (String item : text.split(",", -1)) {
            chosen.add(one(item.strip()));
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    private int one(String item) {
        int named = names.indexOf(item);
        if (named >= 0) {
            return named;
        }
        if (item.matches("[0-9]{1,9}") && Integer.parseInt(item) < count) {
            return Integer.parseInt(item);
        }
        String known = names.isEmpty() ? "" : " (" + String.join(", ", names) + ")";
        throw new Misuse("--classes: '" + item + "' is not a class; there are 0 to " + (count - 1) + known);
    }
}

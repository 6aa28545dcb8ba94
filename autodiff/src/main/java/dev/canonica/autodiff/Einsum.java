package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sums of products by name. Labels are letters, and digits for the axes behind an ellipsis, counted from the last. */
final class Einsum {
    private static final String DOTS = "...";

    private final String equation;
    private final Map<Character, Integer> extents = new HashMap<>();

    private Einsum(String equation) {
        this.equation = equation;
    }

    static Var of(String equation, Var... operands) {
        return new Einsum(equation).run(operands);
    }

    /** A variable and the label of each of its axes. */
    private record Named(Var x, String labels) {}

    private Var run(Var... operands) {
        String compact = equation.replace(" ", "");
        int arrow = compact.indexOf("->");
        String[] terms = (arrow < 0 ? compact : compact.substring(0, arrow)).split(",", -1);
        if (terms.length != operands.length) {
            throw refused(terms.length + " terms for " + operands.length + " operands");
        }
        List<Named> named = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        int dots = 0;
        for (int i = 0; i < terms.length; i++) {
            Named n = new Named(operands[i], labels(terms[i], operands[i].shape()));
            dots = Math.max(dots, terms[i].contains(DOTS) ? operands[i].shape().rank() - letters(terms[i]) : 0);
            all.append(n.labels());
            named.add(diagonal(n));
        }
        String output = arrow < 0 ? implied(all, dots) : expanded(compact.substring(arrow + 2), dots);
        check(output);
        Named product = named.get(0);
        for (int i = 1; i < named.size(); i++) {
            product = product(product, named.get(i), needed(named, i, output));
        }
        return ordered(summed(product, output), output);
    }

    // ------------------------------------------------------------------------------------------------ names

    private static int letters(String term) {
        return term.replace(DOTS, "").length();
    }

    private String labels(String term, Shape s) {
        int letters = letters(term);
        boolean open = term.contains(DOTS);
        if (open ? letters > s.rank() : letters != s.rank()) {
            throw refused("'" + term + "' does not name the axes of " + s);
        }
        String labels = expanded(term, s.rank() - letters);
        for (int i = 0; i < labels.length(); i++) {
            Integer known = extents.putIfAbsent(labels.charAt(i), s.dim(i));
            if (known != null && known != s.dim(i)) {
                throw refused("axis '" + shown(labels.charAt(i)) + "' has extents " + known + " and " + s.dim(i));
            }
        }
        return labels;
    }

    /** With digits for the axes that the dots stand for, the last of which is 0. */
    private String expanded(String term, int dots) {
        int at = term.indexOf(DOTS);
        StringBuilder digits = new StringBuilder();
        for (int i = dots - 1; at >= 0 && i >= 0; i--) {
            digits.append((char) ('0' + i));
        }
        String labels = term.replace(DOTS, digits);
        for (char c : term.replace(DOTS, "").toCharArray()) {
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')) {
                throw refused("'" + c + "' is no letter");
            }
        }
        return labels;
    }

    private static String shown(char label) {
        return Character.isDigit(label) ? DOTS : String.valueOf(label);
    }

    /** The result where no arrow names one, of all labels of the operands. */
    private static String implied(CharSequence all, int dots) {
        Map<Character, Integer> counts = new TreeMap<>();
        all.chars().forEach(c -> counts.merge((char) c, 1, Integer::sum));
        StringBuilder output = new StringBuilder();
        for (int i = dots - 1; i >= 0; i--) {
            output.append((char) ('0' + i));
        }
        counts.forEach((label, count) -> {
            if (count == 1 && !Character.isDigit(label)) {
                output.append(label);
            }
        });
        return output.toString();
    }

    private void check(String output) {
        for (int i = 0; i < output.length(); i++) {
            char c = output.charAt(i);
            if (!extents.containsKey(c)) {
                throw refused("'" + shown(c) + "' of the result names no axis");
            }
            if (output.indexOf(c) != i) {
                throw refused("'" + shown(c) + "' is twice in the result");
            }
        }
    }

    /** The labels that later operands or the result ask for. */
    private static String needed(List<Named> named, int after, String output) {
        StringBuilder needed = new StringBuilder(output);
        for (Named n : named.subList(after + 1, named.size())) {
            needed.append(n.labels());
        }
        return needed.toString();
    }

    // ------------------------------------------------------------------------------------------------ products

    /** Axes of one label made one: x[i, i]. */
    private static Named diagonal(Named n) {
        String labels = n.labels();
        Var x = n.x();
        for (int i = 0; i < labels.length(); i++) {
            int other = labels.lastIndexOf(labels.charAt(i));
            if (other == i) {
                continue;
            }
            int[] order = Axes.last(labels.length(), i, other);
            int extent = x.dim(i);
            Var moved = x.permute(order);
            int[] dims = Arrays.copyOf(moved.shape().dims(), labels.length() - 1);
            dims[labels.length() - 2] = Math.multiplyExact(extent, extent);
            long[] index = new long[extent];
            Arrays.setAll(index, j -> (long) j * (extent + 1));
            x = Indexing.take(moved.reshape(dims), -1, Tensor.of(index, extent));
            labels = labels.substring(0, i)
                    + labels.substring(i + 1, other)
                    + labels.substring(other + 1)
                    + labels.charAt(i);
            i = -1;
        }
        return new Named(x, labels);
    }

    /** The product of two, summed over what is not needed any more. */
    private Named product(Named a, Named b, String needed) {
        Named left = summed(a, needed + b.labels());
        Named right = summed(b, needed + a.labels());
        StringBuilder batch = new StringBuilder();
        StringBuilder inner = new StringBuilder();
        for (char c : left.labels().toCharArray()) {
            if (right.labels().indexOf(c) >= 0) {
                (needed.indexOf(c) >= 0 ? batch : inner).append(c);
            }
        }
        String rows = without(left.labels(), right.labels());
        String columns = without(right.labels(), left.labels());
        Var x = ordered(left, batch + rows + inner).reshape(size(batch), size(rows), size(inner));
        Var y = ordered(right, batch + "" + inner + columns).reshape(size(batch), size(inner), size(columns));
        String labels = batch + rows + columns;
        Var product =
                inner.isEmpty() ? x.times(y) : x.matmul(y); // nothing is summed: [batch, rows, 1] ⊙ [batch, 1, columns]
        return new Named(product.reshape(dims(labels)), labels);
    }

    private static String without(String labels, String others) {
        StringBuilder rest = new StringBuilder();
        for (char c : labels.toCharArray()) {
            if (others.indexOf(c) < 0) {
                rest.append(c);
            }
        }
        return rest.toString();
    }

    /** Summed over the labels that are not among these. */
    private static Named summed(Named n, String kept) {
        int[] axes = new int[n.labels().length()];
        int count = 0;
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < axes.length; i++) {
            if (kept.indexOf(n.labels().charAt(i)) < 0) {
                axes[count++] = i;
            } else {
                labels.append(n.labels().charAt(i));
            }
        }
        return count == 0 ? n : new Named(Reductions.sum(n.x(), Arrays.copyOf(axes, count)), labels.toString());
    }

    /** The axes in the order of these labels. */
    private static Var ordered(Named n, String labels) {
        if (n.labels().equals(labels)) {
            return n.x();
        }
        return n.x().permute(labels.chars().map(c -> n.labels().indexOf(c)).toArray());
    }

    private int size(CharSequence labels) {
        return Math.toIntExact(
                labels.chars().mapToLong(c -> extents.get((char) c)).reduce(1, Math::multiplyExact));
    }

    private int[] dims(String labels) {
        return labels.chars().map(c -> extents.get((char) c)).toArray();
    }

    private IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("einsum '" + equation + "': " + why);
    }
}

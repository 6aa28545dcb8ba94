package dev.canonica.cli.metric;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.operation.Finite;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The arrays that a metric is given, under the names that it knows them by. */
public final class MetricInputs {
    private final Path file;
    private final Map<String, Tensor> arrays;
    private final DType dtype;

    /** The arrays of an NPZ file; floating-point numbers must be finite, and are rounded to {@code dtype}. */
    public MetricInputs(Path file, DType dtype) {
        this.file = file;
        this.arrays = Npz.read(file);
        Finite.check(file.toString(), arrays);
        this.dtype = dtype;
    }

    /** Throws unless there are no arrays but these. */
    public void requireOnly(String... known) {
        for (String name : arrays.keySet()) {
            if (!List.of(known).contains(name)) {
                throw new IllegalArgumentException(
                        where(name) + " is not known: known are " + String.join(", ", known));
            }
        }
    }

    /**
     * What comes before the last part of the names, each of which is one of {@code known}: {@code a/} of {@code a/x},
     * nothing of {@code x}.
     */
    public Set<String> prefixes(String... known) {
        Set<String> prefixes = new LinkedHashSet<>();
        for (String name : arrays.keySet()) {
            int end = name.lastIndexOf('/') + 1;
            if (!List.of(known).contains(name.substring(end))) {
                throw new IllegalArgumentException(where(name) + " is not known: known are " + String.join(", ", known)
                        + ", NAME/" + String.join(", NAME/", known));
            }
            prefixes.add(name.substring(0, end));
        }
        if (prefixes.isEmpty()) {
            throw new IllegalArgumentException(file + ": there are no arrays in it");
        }
        return prefixes;
    }

    /** Whether there is an array that the metric knows by this name. */
    public boolean has(String name) {
        return arrays.containsKey(name);
    }

    /** An array of two axes, row by row. */
    public double[][] matrix(String name) {
        Tensor array = get(name, 2);
        int width = array.dim(1);
        double[] values = reals(name, array);
        double[][] rows = new double[array.dim(0)][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * width, (i + 1) * width));
        return rows;
    }

    /**
     * An array of two axes, row by row.
     *
     * @param fewest rows
     */
    public double[][] matrix(String name, int fewest) {
        double[][] rows = matrix(name);
        if (rows.length < fewest) {
            throw new IllegalArgumentException(
                    "%s has %d rows; it needs at least %d".formatted(where(name), rows.length, fewest));
        }
        return rows;
    }

    /** An array of one axis. */
    public double[] vector(String name) {
        return reals(name, get(name, 1));
    }

    /** Singular values: an array of one axis, not empty, of numbers of which none is less than 0. */
    public double[] singularValues(String name) {
        double[] s = vector(name);
        if (s.length == 0) {
            throw new IllegalArgumentException(where(name) + " is empty: at least one singular value is needed");
        }
        for (double value : s) {
            if (value < 0) {
                throw new IllegalArgumentException(
                        "%s has %s: singular values are not less than 0".formatted(where(name), value));
            }
        }
        return s;
    }

    /** Labels: an array of one axis, of integers. */
    public long[] labels(String name) {
        Tensor array = get(name, 1);
        if (array.dtype().isFloating()) {
            throw new IllegalArgumentException(where(name) + " must have integers, not " + array.dtype());
        }
        return array.toLongs();
    }

    /** The labels of the rows of another array, one for each. */
    public long[] labelsOf(String name, String rows) {
        long[] labels = labels(name);
        int count = get(rows, 2).dim(0);
        if (labels.length != count) {
            throw new IllegalArgumentException("%s has %d labels; it needs one for each of the %d rows of '%s'"
                    .formatted(where(name), labels.length, count, rows));
        }
        return labels;
    }

    /** Requires arrays of two axes that are as long along one of them. */
    public void requireSame(int axis, String name, String other) {
        int here = get(name, 2).dim(axis);
        int there = get(other, 2).dim(axis);
        if (here != there) {
            throw new IllegalArgumentException("%s has %d %s, '%s' has %d: as many are needed"
                    .formatted(where(name), here, axis == 0 ? "rows" : "columns", other, there));
        }
    }

    /** Requires an array of two axes to have no more rows than another. */
    public void requireNoMoreRows(String name, String than) {
        int rows = get(name, 2).dim(0);
        int most = get(than, 2).dim(0);
        if (rows > most) {
            throw new IllegalArgumentException("%s has %d rows; at most as many as '%s', %d, are possible"
                    .formatted(where(name), rows, than, most));
        }
    }

    /** The number of arrays FIRST0, FIRST1, …, each with its SECOND, and nothing else. */
    public int count(String first, String second) {
        int n = 0;
        while (has(first + n)) {
            n++;
        }
        String[] known = new String[2 * n];
        for (int i = 0; i < n; i++) {
            known[2 * i] = first + i;
            known[2 * i + 1] = second + i;
        }
        if (n == 0) {
            throw new IllegalArgumentException(where(first + 0) + " is missing");
        }
        requireOnly(known);
        return n;
    }

    /** An array of real numbers, in the type of the command. */
    public Tensor tensor(String name) {
        Tensor array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException(where(name) + " is missing");
        }
        return rounded(name, array);
    }

    /**
     * Requires features x [n, p] and y [n, q] of the same samples.
     *
     * @param fewest of them
     */
    void requireSamples(String x, String y, int fewest) {
        Shape of = shape(x);
        Shape with = shape(y);
        require(
                of.rank() == 2 && with.rank() == 2 && of.dim(0) == with.dim(0) && of.dim(0) >= fewest,
                "features [n, p] and [n, q] of the same samples, at least %d,".formatted(fewest),
                x,
                y);
    }

    /** Requires maps x [B, C, H, W] and y [B, D, H, W] of the same samples and places, none of which are empty. */
    void requireMaps(String x, String y) {
        Shape of = shape(x);
        Shape with = shape(y);
        require(
                of.rank() == 4
                        && of.size() > 0
                        && with.rank() == 4
                        && with.size() > 0
                        && of.dim(0) == with.dim(0)
                        && of.dim(2) == with.dim(2)
                        && of.dim(3) == with.dim(3),
                "maps [B, C, H, W] and [B, D, H, W] of the same samples and places, none empty,",
                x,
                y);
    }

    /** Requires features x [n, p], y [n, q], or maps [B, p, H, W], [B, q, H, W], none of which are empty, weight [q, p] and bias [q]. */
    void requireMapped(String x, String y, String weight, String bias) {
        Shape of = shape(x);
        Shape with = shape(y);
        boolean fits = (of.rank() == 2 || of.rank() == 4)
                && of.size() > 0
                && with.size() > 0
                && with.rank() == of.rank()
                && with.equals(of.with(1, with.dim(1)));
        require(
                fits
                        && shape(weight).equals(Shape.of(with.dim(1), of.dim(1)))
                        && shape(bias).equals(Shape.of(with.dim(1))),
                "features [n, p] and [n, q], or maps [B, p, H, W] and [B, q, H, W], a weight [q, p] and a bias [q]",
                x,
                y,
                weight,
                bias);
    }

    private Shape shape(String name) {
        Tensor array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException(where(name) + " is missing");
        }
        return array.shape();
    }

    private void require(boolean held, String needed, String... names) {
        if (!held) {
            throw new IllegalArgumentException("%s: arrays %s: %s are needed"
                    .formatted(
                            file,
                            Arrays.stream(names)
                                    .map(name -> "'%s' %s".formatted(name, shape(name)))
                                    .collect(Collectors.joining(", ")),
                            needed));
        }
    }

    private double[] reals(String name, Tensor array) {
        return (array.dtype().isFloating() ? rounded(name, array) : array).toDoubles();
    }

    /**
     * In the type of the command.
     *
     * @throws IllegalArgumentException if a number overflows, or a row of numbers that are not 0 becomes less than normal numbers
     */
    private Tensor rounded(String name, Tensor array) {
        Tensor rounded = array.to(dtype);
        if (dtype == DType.F32 && array.dtype() != DType.F32 && array.size() > 0) {
            double[] exact = array.toDoubles();
            int width = array.rank() < 2 ? exact.length : exact.length / array.dim(0);
            for (int from = 0; from < exact.length; from += width) {
                double greatest = 0;
                for (int i = from; i < from + width; i++) {
                    greatest = Math.max(greatest, Math.abs(exact[i]));
                }
                boolean over = Double.isInfinite((float) greatest);
                if (over || (greatest > 0 && greatest < Float.MIN_NORMAL)) {
                    throw new IllegalArgumentException("%s %s F32: %s; --dtype f64 takes it"
                            .formatted(where(name), over ? "overflows" : "underflows", greatest));
                }
            }
        }
        return rounded;
    }

    private Tensor get(String name, int axes) {
        Tensor array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException(where(name) + " is missing");
        }
        if (array.rank() != axes) {
            throw new IllegalArgumentException(where(name) + " must have " + axes + (axes == 1 ? " axis" : " axes")
                    + ", its shape is " + array.shape());
        }
        return array;
    }

    private String where(String name) {
        return file + ": array '" + name + "'";
    }
}

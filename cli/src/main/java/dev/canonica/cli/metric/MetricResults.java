package dev.canonica.cli.metric;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.canonica.cli.terminal.Note;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.operation.NonFiniteException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a metric finds: scalars, for a JSON object, and these with arrays, for an NPZ file. */
public final class MetricResults {
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();
    private final Map<String, Tensor> arrays = new LinkedHashMap<>();
    private final List<String> undefined = new ArrayList<>();
    private final List<String> outOfRange = new ArrayList<>();
    private final DType dtype;

    /** Without results yet; floating-point arrays will have the type {@code dtype}. */
    public MetricResults(DType dtype) {
        this.dtype = dtype;
    }

    /** The scalars as one JSON object in one line. */
    public String toJson() {
        return JsonText.plain(json.toString());
    }

    /** Writes scalars and arrays. */
    public void write(Path file) {
        Npz.write(file, arrays);
    }

    /** A real number; {@code group/name} is {@code {"group": {"name": …}}} in the JSON object. */
    public void scalar(String name, double value) {
        if (put(name, new double[] {value})) {
            member(name).put(name.substring(name.lastIndexOf('/') + 1), value);
        }
    }

    /** An integer, as {@link #scalar(String, double)}. */
    public void scalar(String name, long value) {
        member(name).put(name.substring(name.lastIndexOf('/') + 1), value);
        arrays.put(name, Tensor.of(new long[] {value}));
    }

    /** The object that the last part of the name is a member of. */
    private ObjectNode member(String name) {
        int end = name.lastIndexOf('/');
        return end < 0 ? json : json.withObjectProperty(name.substring(0, end));
    }

    /** An array of real numbers [n]; left out where one of them is not finite, for JSON and the type of the file have none such. */
    public void vector(String name, double[] values) {
        put(name, values, values.length);
    }

    /** An array of integers [n], I64. */
    public void vector(String name, long[] values) {
        arrays.put(name, Tensor.of(values, values.length));
    }

    /** An array of integers [n], stored as I64. */
    public void vector(String name, int[] values) {
        vector(name, Arrays.stream(values).asLongStream().toArray());
    }

    /** Rows of {@code width} numbers each. */
    public void matrix(String name, double[][] rows, int width) {
        put(name, Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray(), rows.length, width);
    }

    /** Rows of {@code width} numbers each. */
    public void matrix(String name, int[][] rows, int width) {
        long[] values =
                Arrays.stream(rows).flatMapToInt(Arrays::stream).asLongStream().toArray();
        arrays.put(name, Tensor.of(values, rows.length, width));
    }

    /** An array as it is. */
    public void tensor(String name, Tensor array) {
        tensor(name, array, 0);
    }

    /** An array times 2^exponent. */
    public void tensor(String name, Tensor array, int exponent) {
        put(name, array.toDoubles(), exponent, array.shape().dims());
    }

    /** A real number, under its whole name in the JSON object, too. */
    void flat(String name, double value) {
        flat(name, value, 0);
    }

    /** As {@link #flat(String, double)}, of a number times 2^exponent. */
    void flat(String name, double value, int exponent) {
        if (put(name, new double[] {value}, exponent, new int[0])) {
            json.put(name, Math.scalb(value, exponent));
        }
    }

    /** Whether an array or a scalar was put under this name. */
    public boolean has(String name) {
        return arrays.containsKey(name);
    }

    /** Whether nothing was put, or nothing that is finite. */
    public boolean isEmpty() {
        return arrays.isEmpty();
    }

    private boolean put(String name, double[] values, int... dims) {
        return put(name, values, 0, dims);
    }

    /** Adds an array times 2^exponent; false if it is not finite, or its type has no such numbers, which leaves it out. */
    private boolean put(String name, double[] values, int exponent, int[] dims) {
        double greatest = 0;
        for (double value : values) {
            if (!Double.isFinite(value)) {
                undefined.add(name);
                return false;
            }
            greatest = Math.max(greatest, Math.abs(value));
        }
        double scaled = Math.scalb(greatest, exponent);
        double most = dtype == DType.F64 ? Double.MAX_VALUE : Float.MAX_VALUE;
        double least = dtype == DType.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        if (scaled > most || (greatest > 0 && scaled < least)) {
            outOfRange.add(name + " is near 2^" + (Math.getExponent(greatest) + exponent));
            return false;
        }
        double[] all = exponent == 0
                ? values
                : Arrays.stream(values).map(v -> Math.scalb(v, exponent)).toArray();
        arrays.put(name, Tensor.of(all, dims).to(dtype));
        return true;
    }

    /**
     * Names what is left out because it is not defined for these inputs, or because the type has no such numbers.
     *
     * @throws NonFiniteException if nothing is left
     */
    public void reportUndefined(PrintWriter err) {
        List<String> parts = new ArrayList<>();
        if (!undefined.isEmpty()) {
            parts.add("not defined for these inputs: " + String.join(", ", undefined));
        }
        if (!outOfRange.isEmpty()) {
            parts.add("beyond " + dtype + ": " + String.join(", ", outOfRange));
        }
        if (parts.isEmpty()) {
            return;
        }
        String left = String.join("; ", parts);
        if (arrays.isEmpty()) {
            throw new NonFiniteException(left);
        }
        Note.print(err, "left out: " + left);
    }
}

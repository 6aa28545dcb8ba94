package dev.canonica.cli.item;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.operation.Finite;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The arrays of an input file, asked for by name, kind and shape. An error names the file and the array. */
public final class InputArrays {
    private final Path file;
    private final Map<String, Tensor> arrays;
    private final DType type;

    /**
     * The arrays of an NPZ file, whose numbers must be finite.
     *
     * @param type the one in which real arrays are wanted
     */
    public InputArrays(Path file, DType type) {
        this.file = file;
        this.arrays = Npz.read(file);
        Finite.check(file.toString(), arrays);
        this.type = type;
    }

    /** The type that is computed in: reals are converted to it, whatever the file has. */
    public DType type() {
        return type;
    }

    /** Refuses an array of any other name. */
    public InputArrays onlyOf(Set<String> known) {
        for (String name : arrays.keySet()) {
            if (!known.contains(name)) {
                throw refused("unknown array '" + name + "'; known: " + String.join(", ", new TreeSet<>(known)));
            }
        }
        return this;
    }

    /** The names of all arrays, in the file's order. */
    public List<String> names() {
        return List.copyOf(arrays.keySet());
    }

    /** Whether the file has an array of this name, of any kind and shape. */
    public boolean has(String name) {
        return arrays.containsKey(name);
    }

    /** An array of any type. */
    public Tensor any(String name) {
        Tensor t = arrays.get(name);
        if (t == null) {
            throw refused(name, "is missing");
        }
        return t;
    }

    /** An array of real numbers, in the type that is wanted. */
    public Tensor real(String name) {
        Tensor t = any(name);
        if (!t.dtype().isFloating()) {
            throw refused(name, "has type " + t.dtype() + ", a real type is needed");
        }
        return t.to(type);
    }

    /** A block of K directions at a value of this shape. */
    Tensor block(String name, Shape point) {
        Tensor t = real(name);
        if (t.rank() != point.rank() + 1 || !t.shape().slice(1, t.rank()).equals(point)) {
            throw refused(name, "has shape " + t.shape() + ", needed " + point.after("K"));
        }
        return t;
    }

    /** An array of exactly this shape. */
    Tensor exactly(String name, Shape shape) {
        Tensor t = real(name);
        if (!t.shape().equals(shape)) {
            throw refused(name, "has shape " + t.shape() + ", needed " + shape);
        }
        return t;
    }

    /** The error that says what is wrong with an array. */
    public ModelException refused(String name, String why) {
        return refused("array '" + name + "' " + why);
    }

    /** The error that says what is wrong with the file. */
    public ModelException refused(String why) {
        return new ModelException(file + ": " + why);
    }
}

package dev.canonica.tensor;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Java arrays (of {@code long} or {@code double}) as inputs of a {@link Recording}. For each there is a tensor, which {@link #set} writes to. In work that is
 * {@linkplain #bind bound} to these inputs, {@code Tensor.of} of one of the arrays that were set, the same object, gives a copy of its tensor: what the
 * tensor holds when the work is done, be that for the first time or in a replay.
 *
 * <p>Code that uses an array in another way still sees the array itself: {@link #wasRead} says whether the tensor was asked for at all.
 */
public final class ArrayInputs implements AutoCloseable {
    private static final ThreadLocal<@Nullable Binding> CURRENT = new ThreadLocal<>();

    private final Object[] arrays; // those that stand for the tensors
    private final Object[] values; // copies of what the tensors hold
    private final Tensor[] tensors;
    private final boolean[] read;

    /** Inputs for these arrays, on the default device, outside of every scope; they hold what the arrays hold. */
    public ArrayInputs(List<?> arrays) {
        this.arrays = arrays.toArray();
        this.values = new Object[this.arrays.length];
        this.tensors = new Tensor[this.arrays.length];
        this.read = new boolean[this.arrays.length];
        for (int i = 0; i < tensors.length; i++) {
            Object array = this.arrays[i];
            values[i] = copy(array);
            tensors[i] = Scope.outside(() -> tensor(array));
        }
    }

    /** Whether {@link #set} takes these: arrays of the same types and lengths. */
    public boolean fit(List<?> other) {
        boolean fit = other.size() == arrays.length;
        for (int i = 0; fit && i < arrays.length; i++) {
            Object array = other.get(i);
            fit = array.getClass() == arrays[i].getClass() && Array.getLength(array) == Array.getLength(arrays[i]);
        }
        return fit;
    }

    /** Lets the tensors hold what these arrays hold, in the order of the constructor's; work that is bound from now on reads these arrays. */
    public void set(List<?> other) {
        if (!fit(other)) {
            throw new IllegalArgumentException("array inputs: other types or lengths than the first");
        }
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = other.get(i);
            if (!same(values[i], arrays[i])) {
                try (Scope _ = Scope.open()) {
                    Tensor t = tensor(other.get(i));
                    tensors[i].assign(t);
                    tensors[i].storage().bound(t.storage().bounds());
                }
                values[i] = copy(other.get(i));
            }
        }
    }

    /** Whether two arrays hold the same. */
    public static boolean same(Object x, Object y) {
        return x instanceof long[] a && y instanceof long[] b
                ? Arrays.equals(a, b)
                : x instanceof double[] c && y instanceof double[] d && Arrays.equals(c, d);
    }

    /** Work in which the arrays that were set last stand for the tensors. */
    public <T> Supplier<T> bind(Supplier<T> work) {
        Map<Object, Integer> numbers = new IdentityHashMap<>();
        for (int i = 0; i < arrays.length; i++) {
            numbers.put(arrays[i], i);
        }
        Binding binding = new Binding(this, numbers);
        return () -> {
            Binding outer = CURRENT.get();
            Arrays.fill(read, false);
            CURRENT.set(binding);
            try {
                return work.get();
            } finally {
                CURRENT.set(outer);
            }
        };
    }

    /** The arrays that stand for the inputs' tensors, by their numbers. */
    private record Binding(ArrayInputs inputs, Map<Object, Integer> numbers) {}

    /** Whether the bound work that ran last asked for tensor i. */
    public boolean wasRead(int i) {
        return read[i];
    }

    /** Gives the tensors' memory back. */
    @Override
    public void close() {
        for (Tensor t : tensors) {
            t.close();
        }
    }

    /** A copy of the tensor that an array stands for in this thread now, or null if it stands for itself. */
    static @Nullable Tensor standsFor(Object array, Shape shape) {
        Binding binding = CURRENT.get();
        Integer number = binding == null ? null : binding.numbers.get(array);
        if (number == null) {
            return null;
        }
        ArrayInputs inputs = Objects.requireNonNull(binding).inputs;
        inputs.read[number] = true;
        Tensor from = inputs.tensors[number].reshape(shape);
        Tensor copy = Layout.copyInto(from, from.like(shape));
        copy.storage().bound(from.storage().bounds());
        return copy;
    }

    private static Tensor tensor(Object array) {
        return array instanceof long[] v ? Tensor.of(v, v.length) : Tensor.of((double[]) array, Array.getLength(array));
    }

    /** Refuses other types. */
    private static Object copy(Object array) {
        return switch (array) {
            case long[] v -> v.clone();
            case double[] v -> v.clone();
            default ->
                throw new IllegalArgumentException("array inputs: long[] or double[] needed, not " + array.getClass());
        };
    }
}

package dev.canonica.tensor.vector.code;

import dev.canonica.tensor.vector.code.Formula.Kind;
import dev.canonica.tensor.vector.code.Formula.Value;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a {@link Formula} as instructions for some vectors side by side: each operation on all of them before the next, so that none waits for the
 * one before. Values have registers from where they are computed to their last use. Constants keep registers where enough are left; others
 * are read when they are needed, once for all vectors.
 */
public final class FormulaCode {
    private static final int MOST_COPIES = 4;
    private static final int SCRATCH = 2; // constants without a register in one operation

    private static final Avx512Assembler.Operation[] OPERATIONS = Avx512Assembler.Operation.values();
    private static final Avx512Assembler.Comparison[] COMPARISONS = Avx512Assembler.Comparison.values();

    private final Avx512Assembler s;
    private final List<Value> order;
    private final Value result;
    private final Map<Value, Integer> lastUse = new HashMap<>(); // index in the order
    private final Map<Value, Integer> kept = new HashMap<>(); // constants in registers
    private final int copies;
    private final int scratch; // the first register for other constants; those below are the values'

    private final Deque<Integer> free = new ArrayDeque<>();
    private final Map<Value, int[]> places = new HashMap<>();

    /** Where inputs come from. */
    @FunctionalInterface
    public interface Source {
        /** Writes the load of an input's vector number {@code copy}. */
        void load(int register, int input, int copy);
    }

    /**
     * Chooses how many vectors go side by side, and which constants keep registers.
     *
     * @param registers how many may be used: zmm0 and those that follow
     */
    public FormulaCode(Avx512Assembler s, Formula formula, Value result, int registers) {
        this.s = s;
        this.result = result;
        order = formula.order(result);
        for (int i = 0; i < order.size(); i++) {
            for (Value operand : order.get(i).operands) {
                lastUse.put(operand, i);
            }
        }
        lastUse.put(result, order.size());
        int most = mostAlive();
        copies = Math.clamp((registers - SCRATCH) / most, 1, MOST_COPIES);
        scratch = copies * most;
        if (scratch + SCRATCH > registers) {
            throw new IllegalArgumentException("formula of " + most + " values at once");
        }
        int next = scratch + SCRATCH;
        for (Value v : order) {
            if (v.kind == Kind.CONSTANT && next < registers) {
                kept.put(v, next++);
            }
        }
    }

    /** How many vectors {@link #emit} can do side by side. */
    public int copies() {
        return copies;
    }

    /** Loads the constants that keep registers; once, before all else. */
    public void loadConstants() {
        kept.forEach((v, register) -> s.constant(register, v.detail));
    }

    /**
     * Writes the code for so many vectors.
     *
     * @return the registers of the result
     */
    public int[] emit(int vectors, Source source) {
        free.clear();
        for (int r = 0; r < scratch; r++) {
            free.add(r);
        }
        places.clear();
        for (int i = 0; i < order.size(); i++) {
            Value v = order.get(i);
            switch (v.kind) {
                case CONSTANT, INVARIANT -> {}
                case INPUT -> {
                    int[] place = take(vectors);
                    for (int j = 0; j < vectors; j++) {
                        source.load(place[j], v.detail, j);
                    }
                    places.put(v, place);
                }
                default -> compute(i, v, vectors);
            }
        }
        return place(result);
    }

    private int[] place(Value v) {
        return Objects.requireNonNull(places.get(v));
    }

    private int[] take(int vectors) {
        int[] place = new int[vectors];
        Arrays.setAll(place, j -> free.remove());
        return place;
    }

    private boolean isVector(Value v) {
        return v.kind != Kind.CONSTANT && v.kind != Kind.INVARIANT;
    }

    private boolean dies(Value v, int at) {
        return isVector(v) && Objects.requireNonNull(lastUse.get(v)) == at;
    }

    /** The most values that have registers at one time; a value takes the place of an operand that is not used any more. */
    private int mostAlive() {
        int alive = 0;
        int most = 1;
        for (int i = 0; i < order.size(); i++) {
            Value v = order.get(i);
            if (isVector(v)) {
                int at = i;
                int dead = (int)
                        v.operands.stream().distinct().filter(o -> dies(o, at)).count();
                most = Math.max(most, alive + (dead == 0 ? 1 : 0));
                alive += 1 - dead;
            }
        }
        return most;
    }

    private void compute(int at, Value v, int vectors) {
        Map<Value, Integer> read = new HashMap<>();
        for (Value o : v.operands) {
            if (o.kind == Kind.CONSTANT && !kept.containsKey(o) && !read.containsKey(o)) {
                int register = scratch + read.size();
                s.constant(register, o.detail);
                read.put(o, register);
            }
        }
        int[] x = registers(v.operands.getFirst(), read, vectors);
        int[] y = v.operands.size() > 1 ? registers(v.operands.get(1), read, vectors) : x;
        List<Value> dead =
                v.operands.stream().distinct().filter(o -> dies(o, at)).toList();
        int[] to = dead.isEmpty() ? take(vectors) : place(dead.getFirst());
        switch (v.kind) {
            case OPERATION -> each(vectors, j -> s.apply(OPERATIONS[v.detail], to[j], x[j], y[j]));
            case SQUARE_ROOT -> each(vectors, j -> s.squareRoot(to[j], x[j]));
            case MULTIPLY_ADD, MULTIPLY_SUBTRACT -> {
                int[] z = registers(v.operands.get(2), read, vectors);
                boolean add = v.kind == Kind.MULTIPLY_ADD;
                each(vectors, j -> multiply(add, to[j], x[j], y[j], z[j]));
            }
            case WHERE -> {
                int[] z = registers(v.operands.get(2), read, vectors);
                each(vectors, j -> {
                    s.compare(COMPARISONS[v.detail], x[j], y[j]);
                    s.keep(to[j], z[j]);
                });
            }
            case SELECT -> {
                int[] z = registers(v.operands.get(2), read, vectors);
                int[] w = registers(v.operands.get(3), read, vectors);
                each(vectors, j -> {
                    s.compare(COMPARISONS[v.detail], x[j], y[j]);
                    s.select(to[j], z[j], w[j]);
                });
            }
            case INPUT, INVARIANT, CONSTANT -> throw new IllegalArgumentException(v.kind + " is not computed");
        }
        dead.stream().skip(1).forEach(o -> Arrays.stream(place(o)).forEach(free::add));
        places.put(v, to);
    }

    @FunctionalInterface
    private interface Copy {
        void emit(int copy);
    }

    private static void each(int vectors, Copy body) {
        for (int j = 0; j < vectors; j++) {
            body.emit(j);
        }
    }

    /** to ← z ± x y, where {@code to} may be any of them. */
    private void multiply(boolean add, int to, int x, int y, int z) {
        if (to == x || to == y) {
            int other = to == x ? y : x;
            if (add) {
                s.multiplyThenAdd(to, other, z);
            } else {
                s.multiplyThenSubtract(to, other, z);
            }
            return;
        }
        if (to != z) {
            s.copy(to, z);
        }
        if (add) {
            s.multiplyAdd(to, x, y);
        } else {
            s.multiplySubtract(to, x, y);
        }
    }

    private int[] registers(Value v, Map<Value, Integer> read, int vectors) {
        if (isVector(v)) {
            return place(v);
        }
        int register = v.kind == Kind.INVARIANT
                ? v.detail
                : Objects.requireNonNull(kept.containsKey(v) ? kept.get(v) : read.get(v));
        int[] same = new int[vectors];
        Arrays.fill(same, register);
        return same;
    }
}

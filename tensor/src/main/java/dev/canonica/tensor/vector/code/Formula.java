package dev.canonica.tensor.vector.code;

import dev.canonica.tensor.vector.code.Avx512Assembler.Comparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A function of vectors as straight-line code, before it has registers: values, each computed from earlier ones lane by lane.
 * {@link FormulaCode} makes instructions of them.
 */
public final class Formula {
    private final List<Value> values = new ArrayList<>();
    private final Map<Integer, Value> constants = new HashMap<>();

    /** A function of which nothing is known yet; its vectors are asked for by {@link #input}, and computed with. */
    public Formula() {}

    /** What a value is, or by what it is computed. */
    enum Kind {
        /** Vector number {@code detail} of those that the function is given. */
        INPUT,
        /** Register {@code detail}, which the code around it holds. */
        INVARIANT,
        /** The float with the bits {@code detail} in every lane. */
        CONSTANT,
        /** {@link Avx512Assembler.Operation} number {@code detail} on two operands. */
        OPERATION,
        SQUARE_ROOT,
        /** x y + z, in one rounding. */
        MULTIPLY_ADD,
        /** z − x y, in one rounding. */
        MULTIPLY_SUBTRACT,
        /** The third operand where the first two compare by {@link Comparison} number {@code detail}, else 0. */
        WHERE,
        /** As WHERE, else the fourth operand. */
        SELECT
    }

    /** One of the vectors that the function is given for each step. */
    public Value input(int index) {
        return new Value(Kind.INPUT, index);
    }

    /** A vector that stays the same for all steps, in a register. */
    public Value invariant(int register) {
        return new Value(Kind.INVARIANT, register);
    }

    /** A number in every lane, rounded to a float. */
    Value constant(double number) {
        return bits(Float.floatToRawIntBits((float) number));
    }

    /** A pattern of 32 bits in every lane. */
    Value bits(int bits) {
        return constants.computeIfAbsent(bits, b -> new Value(Kind.CONSTANT, b));
    }

    /** x where a and b compare so, else y. */
    Value select(Comparison comparison, Value a, Value b, Value x, Value y) {
        return new Value(Kind.SELECT, comparison.ordinal(), a, b, x, y);
    }

    /** What is needed for a result, in the order of computation; the result comes last. */
    List<Value> order(Value result) {
        Set<Value> needed = new HashSet<>(Set.of(result));
        for (Value v : values.reversed()) { // a value's operands were made before it
            if (needed.contains(v)) {
                needed.addAll(v.operands);
            }
        }
        return values.stream().filter(needed::contains).toList();
    }

    /** A vector. */
    public final class Value {
        final Kind kind;
        /** What tells values of one kind apart: which input, register, constant or operation this is. */
        public final int detail;

        final List<Value> operands;

        private Value(Kind kind, int detail, Value... operands) {
            this.kind = kind;
            this.detail = detail;
            this.operands = List.of(operands);
            values.add(this);
        }

        private Value with(Avx512Assembler.Operation operation, Value y) {
            return new Value(Kind.OPERATION, operation.ordinal(), this, y);
        }

        Value add(Value y) {
            return with(Avx512Assembler.Operation.ADD, y);
        }

        Value add(double y) {
            return add(constant(y));
        }

        /** This − y. */
        public Value sub(Value y) {
            return with(Avx512Assembler.Operation.SUBTRACT, y);
        }

        /** This · y. */
        public Value mul(Value y) {
            return with(Avx512Assembler.Operation.MULTIPLY, y);
        }

        /** This · y, y rounded to a float. */
        public Value mul(double y) {
            return mul(constant(y));
        }

        Value div(Value y) {
            return with(Avx512Assembler.Operation.DIVIDE, y);
        }

        /** The lesser of this and y; this where either is NaN or both are zeros. */
        Value min(Value y) {
            return y.with(Avx512Assembler.Operation.MIN, this);
        }

        Value min(double y) {
            return min(constant(y));
        }

        /** The greater of this and y; this where either is NaN or both are zeros. */
        Value max(Value y) {
            return y.with(Avx512Assembler.Operation.MAX, this);
        }

        Value max(double y) {
            return max(constant(y));
        }

        Value and(Value y) {
            return with(Avx512Assembler.Operation.AND, y);
        }

        Value or(Value y) {
            return with(Avx512Assembler.Operation.OR, y);
        }

        Value negate() {
            return with(Avx512Assembler.Operation.XOR, bits(0x80000000));
        }

        Value abs() {
            return and(bits(0x7fffffff));
        }

        /** This · 2^n for whole numbers n. */
        Value scale(Value n) {
            return with(Avx512Assembler.Operation.SCALE, n);
        }

        Value sqrt() {
            return new Value(Kind.SQUARE_ROOT, 0, this);
        }

        /** This · y + z, in one rounding. */
        public Value fma(Value y, Value z) {
            return new Value(Kind.MULTIPLY_ADD, 0, this, y, z);
        }

        /** This · y + z, in one rounding; z itself rounded to a float. */
        public Value fma(Value y, double z) {
            return fma(y, constant(z));
        }

        /** This · y + z, in one rounding; y and z themselves rounded to floats. */
        public Value fma(double y, double z) {
            return fma(constant(y), constant(z));
        }

        /** This − x · y, in one rounding. */
        Value less(Value x, Value y) {
            return new Value(Kind.MULTIPLY_SUBTRACT, 0, x, y, this);
        }

        /** This where a and b compare so, else 0. */
        Value where(Comparison comparison, Value a, Value b) {
            return new Value(Kind.WHERE, comparison.ordinal(), a, b, this);
        }
    }
}

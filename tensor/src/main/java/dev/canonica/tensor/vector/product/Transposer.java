package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.VectorCode.ALL;
import static dev.canonica.tensor.vector.code.VectorCode.FLOAT;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.VectorCode;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.ref.Reference;
import java.util.function.IntConsumer;
import jdk.incubator.vector.IntVector;

/** Transposes a square with as many rows and columns as a vector has lanes. */
public abstract class Transposer {
    /** Lane indices that interleave the lower halves of two vectors, and the upper halves. */
    static final IntVector LOWER = interleave(0);

    static final IntVector UPPER = interleave(L / 2);

    Transposer() {}

    /** A transposer that another may take the place of. */
    @FunctionalInterface
    interface Chosen {
        Transposer get();
    }

    /** Machine code, or else plain loops at first, then vector code. */
    static Chosen of(Emission emission) {
        if (emission.avx512()) {
            Transposer emitted = new EmittedTransposer();
            return () -> emitted;
        }
        return Compiled::instance;
    }

    /** Of the Vector API, compiled when first asked for. */
    private static final class Compiled {
        private static volatile Transposer instance = new Scalar();

        static {
            Transposer made = generated();
            WarmUp.compile(trial(made), 6 * L, () -> instance = made);
        }

        static Transposer instance() {
            return instance;
        }
    }

    /** A new transposer of vector code. */
    static Transposer generated() {
        MethodTypeDesc run = MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_int, CD_long, CD_long);
        return VectorCode.implement(MethodHandles.lookup(), Transposer.class, run, Transposer::write);
    }

    /**
     * Writes {@code target[p, i] = source[i, p]} for i and p from 0 to lanes − 1, the rows p in ascending order. If the
     * source has fewer rows i, its last one stands in for the others.
     *
     * @param sourceStep bytes from one i to the next
     * @param targetStep bytes from one p to the next
     */
    public abstract void run(long source, long sourceStep, int rows, long target, long targetStep);

    /**
     * Interleaving row i with row i + L/2, for all i at once, rotates the bits of the position (i, p) of each element
     * by one; after log₂ L rounds, i and p have changed places.
     */
    private static void write(VectorCode v) {
        CodeBuilder code = v.code();
        int source = code.parameterSlot(0);
        int sourceStep = code.parameterSlot(1);
        int rows = code.parameterSlot(2);
        int target = code.parameterSlot(3);
        int targetStep = code.parameterSlot(4);
        int row = v.local(TypeKind.LONG);
        int lower = v.locals(1);
        int upper = v.locals(1);
        int from = v.locals(L);
        int to = v.locals(L);

        ClassDesc here = VectorCode.desc(Transposer.class);
        ClassDesc vector = VectorCode.desc(IntVector.class);
        code.getstatic(here, "LOWER", vector).astore(lower);
        code.getstatic(here, "UPPER", vector).astore(upper);
        MethodTypeDesc min = MethodTypeDesc.of(CD_int, CD_int, CD_int);
        for (int i = 0; i < L; i++) { // row = source + min(i, rows - 1) * sourceStep
            code.lload(source).loadConstant(i).iload(rows).iconst_1().isub();
            code.invokestatic(VectorCode.desc(Math.class), "min", min)
                    .i2l()
                    .lload(sourceStep)
                    .lmul()
                    .ladd();
            code.lstore(row);
            v.loadInts(from + i, row);
        }
        for (int round = 1; round < L; round *= 2) {
            for (int i = 0; i < L / 2; i++) {
                v.select(to + 2 * i, lower, from + i, from + i + L / 2);
                v.select(to + 2 * i + 1, upper, from + i, from + i + L / 2);
            }
            int swap = from;
            from = to;
            to = swap;
        }
        for (int p = 0; p < L; p++) {
            v.storeInts(from + p, target);
            v.advance(target, targetStep);
        }
        code.return_();
    }

    private static IntVector interleave(int first) {
        int[] lanes = new int[L];
        for (int i = 0; i < L; i++) {
            lanes[i] = first + i / 2 + i % 2 * L;
        }
        return IntVector.fromArray(VectorCode.INTS, lanes, 0);
    }

    private static final class Scalar extends Transposer {
        @Override
        public void run(long source, long sourceStep, int rows, long target, long targetStep) {
            for (int p = 0; p < L; p++) {
                for (int i = 0; i < L; i++) {
                    float x = ALL.get(FLOAT, source + Math.min(i, rows - 1) * sourceStep + 4L * p);
                    ALL.set(FLOAT, target + p * targetStep + 4L * i, x);
                }
            }
        }
    }

    /** Transpositions of a square in a buffer. */
    private static IntConsumer trial(Transposer transposer) {
        MemorySegment squares = Arena.ofAuto().allocate(8L * L * L, 64);
        return count -> {
            long source = squares.address();
            for (int i = 0; i < count; i++) {
                transposer.run(source, 4L * L, L, source + 4L * L * L, 4L * L);
            }
            Reference.reachabilityFence(squares);
        };
    }
}

package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.canonica.tensor.vector.code.VectorCode;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.ref.Reference;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * {@link Microkernel}s of the Vector API, one hidden class for each size of tile. In Java, one would be
 *
 * <pre>
 *   FloatVector c00 = accumulate ? load(c) : zero, c01 = …                  rows × vectors of them
 *   for (; k &gt; 0; k--) {
 *       FloatVector b0 = load(b), b1 = load(b + bytes of a vector);
 *       FloatVector s = broadcast(a);      c00 = fma(s, b0, c00); c01 = fma(s, b1, c01);
 *       s = broadcast(a + 4);              c10 = fma(s, b0, c10); c11 = fma(s, b1, c11);
 *       …
 *       a += stepA; b += stepB;
 *   }
 *   store(c00, c); …
 * </pre>
 */
final class GeneratedMicrokernels {
    /**
     * Rows of the tallest tile: 6 fill 16 registers. The 32 of AVX-512 would hold 14, but 8 are as fast, and of much
     * more than 8 the client compiler cannot make code: such a kernel may never reach the optimizing compiler.
     */
    static final int ROWS = L == 16 ? 8 : 6;

    private static final MethodTypeDesc RUN =
            MethodTypeDesc.of(CD_void, CD_int, CD_long, CD_long, CD_long, CD_long, CD_long, CD_long, CD_boolean);

    private GeneratedMicrokernels() {}

    /** Makes a kernel for tiles of so many rows and vectors, and hands it out once it is compiled. */
    static void compile(int rows, int vectors, Consumer<Microkernel> use) {
        Microkernel kernel = generated(rows, vectors);
        WarmUp.compile(trial(kernel, rows, vectors), rows * vectors, () -> use.accept(kernel));
    }

    /** A new kernel of vector code for tiles of so many rows and vectors. */
    static Microkernel generated(int rows, int vectors) {
        return VectorCode.implement(MethodHandles.lookup(), Microkernel.class, RUN, v -> write(v, rows, vectors));
    }

    private static void write(VectorCode v, int rows, int vectors) {
        CodeBuilder code = v.code();
        int k = code.parameterSlot(0);
        int a = code.parameterSlot(1);
        int stepA = code.parameterSlot(2);
        int b = code.parameterSlot(3);
        int stepB = code.parameterSlot(4);
        int c = code.parameterSlot(5);
        int stepC = code.parameterSlot(6);
        int accumulate = code.parameterSlot(7);
        int tile = v.locals(rows * vectors);
        int rowB = v.locals(vectors);
        int scalar = v.locals(1);
        int rowC = v.local(TypeKind.LONG);
        Label zeros = code.newLabel();
        Label loop = code.newLabel();
        Label end = code.newLabel();

        code.iload(accumulate).ifeq(zeros).lload(c).lstore(rowC);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                v.load(tile + i * vectors + j, rowC, 4L * L * j);
            }
            v.advance(rowC, stepC);
        }
        code.goto_(loop).labelBinding(zeros);
        for (int i = 0; i < rows * vectors; i++) {
            v.zero(tile + i);
        }

        code.labelBinding(loop).iload(k).ifle(end);
        for (int j = 0; j < vectors; j++) {
            v.load(rowB + j, b, 4L * L * j);
        }
        for (int i = 0; i < rows; i++) {
            v.broadcast(scalar, a, 4L * i);
            for (int j = 0; j < vectors; j++) {
                v.fma(tile + i * vectors + j, scalar, rowB + j);
            }
        }
        v.advance(a, stepA);
        v.advance(b, stepB);
        code.iinc(k, -1).goto_(loop);

        code.labelBinding(end).lload(c).lstore(rowC);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                v.store(tile + i * vectors + j, rowC, 4L * L * j);
            }
            v.advance(rowC, stepC);
        }
        code.return_();
    }

    /** Calls of a kernel on zeros, adding to C every other time. */
    private static IntConsumer trial(Microkernel kernel, int rows, int vectors) {
        long row = 4L * L * vectors;
        MemorySegment zeros = Arena.ofAuto().allocate(row * (rows + 1), 64);
        boolean[] accumulate = {false};
        return k -> {
            long c = zeros.address();
            long ab = c + row * rows;
            kernel.run(k, ab, 0, ab, 0, c, row, accumulate[0] ^= true);
            Reference.reachabilityFence(zeros);
        };
    }
}

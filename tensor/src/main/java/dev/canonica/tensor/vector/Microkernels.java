package dev.canonica.tensor.vector;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Makes {@link Microkernel}s of the Vector API, one hidden class for each size of tile, when first asked for.
 *
 * <p>A tile stays in registers only if each of its vectors is a local variable of its own, so a kernel is straight-line
 * code of a length that depends on its size. {@link Code#kernel} writes that code; in Java it would be
 *
 * <pre>
 *   FloatVector c00 = accumulate ? load(c) : zero, c01 = …                  rows × vectors of them
 *   for (; k > 0; k--) {
 *       FloatVector b0 = load(b), b1 = load(b + bytes of a vector), …
 *       FloatVector s = broadcast(a);      c00 = s.fma(b0, c00); c01 = s.fma(b1, c01); …
 *       s = broadcast(a + 4);              c10 = s.fma(b0, c10); c11 = s.fma(b1, c11); …
 *       …
 *       a += stepA; b += stepB;
 *   }
 *   store(c00, c); …
 * </pre>
 */
final class Microkernels {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    /** Vectors of a full tile's row: two broadcasts feed two multiply-adds each. */
    static final int VECTORS = 2;

    /** Columns of a full tile. */
    static final int COLUMNS = VECTORS * LANES;

    /** Rows of the tallest tile: what the 32 registers of AVX-512, or else 16, hold beside B and the broadcasts. */
    static final int ROWS = LANES == 16 ? 14 : 6;

    /**
     * Whether tiles of fewer columns use masks. A masked load leaves alone what lies beyond only where the hardware
     * has predicates; elsewhere it may be a full load and a blend.
     */
    static final boolean MASKS = LANES == 16;

    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private static final AtomicReferenceArray<Microkernel> MADE = new AtomicReferenceArray<>((ROWS + 1) * COLUMNS);

    private Microkernels() {}

    /** The kernel for tiles of so many rows and columns. */
    static Microkernel of(int rows, int columns) {
        if (EmittedCode.available()) {
            return EmittedMicrokernels.of(rows, columns);
        }
        int vectors = Math.ceilDiv(columns, LANES);
        boolean masked = columns % LANES != 0;
        int slot = (rows * VECTORS + vectors - 1) * 2 + (masked ? 1 : 0);
        Microkernel kernel = MADE.get(slot);
        if (kernel == null) {
            kernel = masked && !MASKS ? new Padded(rows, of(rows, COLUMNS)) : make(rows, vectors, masked);
            MADE.compareAndSet(slot, null, kernel);
            kernel = MADE.get(slot);
        }
        return kernel;
    }

    /** Whether a kernel for so many columns reads only these; else it reads whole rows of a packed panel of B. */
    static boolean exact(int columns) {
        return MASKS || columns % LANES == 0;
    }

    private static Microkernel make(int rows, int vectors, boolean masked) {
        byte[] bytes = ClassFile.of().build(Code.NAME, type -> type.withSuperclass(Code.MICROKERNEL)
                .withMethodBody(INIT_NAME, MTD_void, 0, code -> code.aload(0)
                        .invokespecial(Code.MICROKERNEL, INIT_NAME, MTD_void)
                        .return_())
                .withMethodBody("run", Code.RUN, 0, code -> new Code(code, rows, vectors, masked).kernel()));
        try {
            return (Microkernel) MethodHandles.lookup()
                    .defineHiddenClass(bytes, true)
                    .lookupClass()
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a matrix multiplication kernel cannot be defined", e);
        }
    }

    /** A narrow tile as part of a full one in a buffer. */
    private static final class Padded extends Microkernel {
        private final int rows;
        private final Microkernel full;

        Padded(int rows, Microkernel full) {
            this.rows = rows;
            this.full = full;
        }

        @Override
        void run(int k, long a, long stepA, long b, long stepB, long c, long stepC, int columns, boolean accumulate) {
            long step = 4L * COLUMNS;
            long tile = Workspace.own().tile(rows * step);
            if (accumulate) {
                copy(c, stepC, tile, step, columns);
            }
            full.run(k, a, stepA, b, stepB, tile, step, COLUMNS, accumulate);
            copy(tile, step, c, stepC, columns);
        }

        private void copy(long source, long sourceStep, long target, long targetStep, int columns) {
            for (int r = 0; r < rows; r++) {
                MemorySegment.copy(ALL, source + r * sourceStep, ALL, target + r * targetStep, 4L * columns);
            }
        }
    }

    /** The body of one kernel. */
    private static final class Code {
        private static final ClassDesc MICROKERNEL = desc(Microkernel.class);
        private static final ClassDesc CONSTANTS = desc(Microkernels.class);
        private static final ClassDesc NAME = ClassDesc.of(Microkernel.class.getName() + "Generated");
        private static final ClassDesc FLOAT_VECTOR = desc(FloatVector.class);
        private static final ClassDesc SPECIES_TYPE = desc(VectorSpecies.class);
        private static final ClassDesc MASK = desc(VectorMask.class);
        private static final ClassDesc SEGMENT = desc(MemorySegment.class);
        private static final ClassDesc BYTE_ORDER = desc(ByteOrder.class);
        private static final ClassDesc FLOAT_LAYOUT = desc(ValueLayout.OfFloat.class);

        private static final MethodTypeDesc RUN = MethodTypeDesc.of(
                CD_void, CD_int, CD_long, CD_long, CD_long, CD_long, CD_long, CD_long, CD_int, CD_boolean);
        private static final MethodTypeDesc LOAD =
                MethodTypeDesc.of(FLOAT_VECTOR, SPECIES_TYPE, SEGMENT, CD_long, BYTE_ORDER);
        private static final MethodTypeDesc STORE = MethodTypeDesc.of(CD_void, SEGMENT, CD_long, BYTE_ORDER);
        private static final MethodTypeDesc ZERO = MethodTypeDesc.of(FLOAT_VECTOR, SPECIES_TYPE);
        private static final MethodTypeDesc BROADCAST = MethodTypeDesc.of(FLOAT_VECTOR, SPECIES_TYPE, CD_float);
        private static final MethodTypeDesc GET = MethodTypeDesc.of(CD_float, FLOAT_LAYOUT, CD_long);
        private static final MethodTypeDesc FMA =
                MethodTypeDesc.of(FLOAT_VECTOR, desc(Vector.class), desc(Vector.class));
        private static final MethodTypeDesc IN_RANGE = MethodTypeDesc.of(MASK, CD_int, CD_int);

        private static final int VECTOR_BYTES = 4 * LANES;

        private final CodeBuilder code;
        private final int rows;
        private final int vectors;
        private final boolean masked;

        // local variables: the parameters of Microkernel.run, then our own
        private final int k;
        private final int a;
        private final int stepA;
        private final int b;
        private final int stepB;
        private final int c;
        private final int stepC;
        private final int columns;
        private final int accumulate;
        private final int tile;
        private final int bRow;
        private final int scalar;
        private final int address;
        private final int mask;

        Code(CodeBuilder code, int rows, int vectors, boolean masked) {
            this.code = code;
            this.rows = rows;
            this.vectors = vectors;
            this.masked = masked;
            k = code.parameterSlot(0);
            a = code.parameterSlot(1);
            stepA = code.parameterSlot(2);
            b = code.parameterSlot(3);
            stepB = code.parameterSlot(4);
            c = code.parameterSlot(5);
            stepC = code.parameterSlot(6);
            columns = code.parameterSlot(7);
            accumulate = code.parameterSlot(8);
            tile = allocate(rows * vectors);
            bRow = allocate(vectors);
            scalar = allocate(1);
            address = code.allocateLocal(TypeKind.LONG);
            mask = allocate(1);
        }

        private int allocate(int count) {
            int first = code.allocateLocal(TypeKind.REFERENCE);
            for (int i = 1; i < count; i++) {
                code.allocateLocal(TypeKind.REFERENCE);
            }
            return first;
        }

        void kernel() {
            if (masked) {
                code.getstatic(CONSTANTS, "SPECIES", SPECIES_TYPE)
                        .iconst_0()
                        .iload(columns)
                        .loadConstant((vectors - 1) * LANES)
                        .isub()
                        .invokeinterface(SPECIES_TYPE, "indexInRange", IN_RANGE)
                        .astore(mask);
            }
            Label zeros = code.newLabel();
            Label loop = code.newLabel();
            Label end = code.newLabel();
            code.iload(accumulate).ifeq(zeros);
            eachOfC((r, v) -> {
                load(address, v);
                code.astore(tile + r * vectors + v);
            });
            code.goto_(loop).labelBinding(zeros);
            for (int i = 0; i < rows * vectors; i++) {
                code.getstatic(CONSTANTS, "SPECIES", SPECIES_TYPE)
                        .invokestatic(FLOAT_VECTOR, "zero", ZERO)
                        .astore(tile + i);
            }
            code.labelBinding(loop).iload(k).ifle(end);
            step();
            code.iinc(k, -1).goto_(loop).labelBinding(end);
            eachOfC((r, v) -> {
                code.aload(tile + r * vectors + v);
                store(address, v);
            });
            code.return_();
        }

        /** One p: rank-1 update of the tile. */
        private void step() {
            for (int v = 0; v < vectors; v++) {
                load(b, v);
                code.astore(bRow + v);
            }
            for (int r = 0; r < rows; r++) {
                code.getstatic(CONSTANTS, "SPECIES", SPECIES_TYPE)
                        .getstatic(CONSTANTS, "ALL", SEGMENT)
                        .getstatic(CONSTANTS, "FLOAT", FLOAT_LAYOUT)
                        .lload(a)
                        .loadConstant(4L * r)
                        .ladd()
                        .invokeinterface(SEGMENT, "get", GET)
                        .invokestatic(FLOAT_VECTOR, "broadcast", BROADCAST)
                        .astore(scalar);
                for (int v = 0; v < vectors; v++) {
                    int acc = tile + r * vectors + v;
                    code.aload(scalar)
                            .aload(bRow + v)
                            .aload(acc)
                            .invokevirtual(FLOAT_VECTOR, "fma", FMA)
                            .astore(acc);
                }
            }
            code.lload(a).lload(stepA).ladd().lstore(a);
            code.lload(b).lload(stepB).ladd().lstore(b);
        }

        private interface Element {
            void emit(int row, int vector);
        }

        /** For each vector of C, with the address of its row in {@code address}. */
        private void eachOfC(Element element) {
            code.lload(c).lstore(address);
            for (int r = 0; r < rows; r++) {
                for (int v = 0; v < vectors; v++) {
                    element.emit(r, v);
                }
                code.lload(address).lload(stepC).ladd().lstore(address);
            }
        }

        /** Pushes vector v of the row at the address in a local variable. */
        private void load(int row, int v) {
            code.getstatic(CONSTANTS, "SPECIES", SPECIES_TYPE);
            location(row, v);
            boolean part = masked && v == vectors - 1;
            code.invokestatic(
                    FLOAT_VECTOR, "fromMemorySegment", part ? LOAD.insertParameterTypes(4, MASK) : LOAD);
        }

        /** Pops a vector into vector v of the row at the address in a local variable. */
        private void store(int row, int v) {
            location(row, v);
            boolean part = masked && v == vectors - 1;
            code.invokevirtual(
                    FLOAT_VECTOR, "intoMemorySegment", part ? STORE.insertParameterTypes(3, MASK) : STORE);
        }

        private void location(int row, int v) {
            code.getstatic(CONSTANTS, "ALL", SEGMENT)
                    .lload(row)
                    .loadConstant((long) v * VECTOR_BYTES)
                    .ladd()
                    .getstatic(CONSTANTS, "ORDER", BYTE_ORDER);
            if (masked && v == vectors - 1) {
                code.aload(mask);
            }
        }

        private static ClassDesc desc(Class<?> type) {
            return type.describeConstable().orElseThrow();
        }
    }
}

package dev.canonica.tensor.vector.code;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.canonica.tensor.memory.NativeMemory;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Bytecode on vectors in native memory, for kernels that are straight-line code of a length that depends on a size:
 * there each vector is a local variable of its own, which is what keeps it in a register.
 */
public final class VectorCode {
    // Public, for the generated classes read them from where their types are.
    /** What {@link #load}, {@link #zero} and {@link #broadcast} make. */
    public static final VectorSpecies<Float> FLOATS = Lanes.S;
    /** As many integers as {@link #FLOATS} has lanes: what {@link #loadInts} makes. */
    public static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    /** All of memory, so that an address is an offset. */
    public static final MemorySegment ALL = NativeMemory.ALL;
    /** The order in which vectors lie in memory. */
    public static final ByteOrder ORDER = Lanes.ORDER;
    /** An integer in memory, at any address. */
    public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    /** A float in memory, at any address. */
    public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private static final ClassDesc CONSTANTS = desc(VectorCode.class);
    private static final ClassDesc FLOAT_VECTOR = desc(FloatVector.class);
    private static final ClassDesc INT_VECTOR = desc(IntVector.class);
    private static final ClassDesc VECTOR = desc(Vector.class);
    private static final ClassDesc SPECIES = desc(VectorSpecies.class);
    private static final ClassDesc SEGMENT = desc(MemorySegment.class);
    private static final ClassDesc BYTE_ORDER = desc(ByteOrder.class);
    private static final ClassDesc FLOAT_LAYOUT = desc(ValueLayout.OfFloat.class);

    private static final MethodTypeDesc LOAD = MethodTypeDesc.of(FLOAT_VECTOR, SPECIES, SEGMENT, CD_long, BYTE_ORDER);
    private static final MethodTypeDesc STORE = MethodTypeDesc.of(CD_void, SEGMENT, CD_long, BYTE_ORDER);

    private final CodeBuilder code;

    private VectorCode(CodeBuilder code) {
        this.code = code;
    }

    /**
     * An instance of a hidden subclass of {@code type} whose method {@code run} has the body that {@code body} writes.
     *
     * @param lookup of a class in the package of {@code type}, which becomes the new class's
     */
    public static <T> T implement(
            MethodHandles.Lookup lookup, Class<T> type, MethodTypeDesc run, Consumer<VectorCode> body) {
        ClassDesc superclass = desc(type);
        byte[] bytes = ClassFile.of().build(ClassDesc.of(type.getName() + "Generated"), c -> {
            c.withFlags(ClassFile.ACC_PUBLIC).withSuperclass(superclass);
            c.withMethodBody(
                    INIT_NAME,
                    MTD_void,
                    ClassFile.ACC_PUBLIC,
                    code -> code.aload(0)
                            .invokespecial(superclass, INIT_NAME, MTD_void)
                            .return_());
            c.withMethodBody("run", run, ClassFile.ACC_PUBLIC, code -> body.accept(new VectorCode(code)));
        });
        try {
            Class<?> made = lookup.defineHiddenClass(bytes, true).lookupClass();
            return type.cast(made.getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a vector kernel cannot be defined", e);
        }
    }

    /** The method's own instructions, for what is not about vectors. */
    public CodeBuilder code() {
        return code;
    }

    /** The first of {@code count} new local variables in a row, for vectors. */
    public int locals(int count) {
        int first = code.allocateLocal(TypeKind.REFERENCE);
        for (int i = 1; i < count; i++) {
            code.allocateLocal(TypeKind.REFERENCE);
        }
        return first;
    }

    /** A new local variable. */
    public int local(TypeKind kind) {
        return code.allocateLocal(kind);
    }

    /** {@code variable += step}, both long. */
    public void advance(int variable, int step) {
        code.lload(variable).lload(step).ladd().lstore(variable);
    }

    /** {@code variable = 0 in all lanes}. */
    public void zero(int variable) {
        code.getstatic(CONSTANTS, "FLOATS", SPECIES);
        code.invokestatic(FLOAT_VECTOR, "zero", MethodTypeDesc.of(FLOAT_VECTOR, SPECIES))
                .astore(variable);
    }

    /** {@code variable = floats at address + offset}. */
    public void load(int variable, int address, long offset) {
        code.getstatic(CONSTANTS, "FLOATS", SPECIES);
        place(address, offset);
        code.invokestatic(FLOAT_VECTOR, "fromMemorySegment", LOAD).astore(variable);
    }

    /** {@code floats at address + offset = variable}. */
    public void store(int variable, int address, long offset) {
        code.aload(variable);
        place(address, offset);
        code.invokevirtual(FLOAT_VECTOR, "intoMemorySegment", STORE);
    }

    /** {@code variable = the float at address + offset, in all lanes}. */
    public void broadcast(int variable, int address, long offset) {
        code.getstatic(CONSTANTS, "FLOATS", SPECIES).getstatic(CONSTANTS, "ALL", SEGMENT);
        code.getstatic(CONSTANTS, "FLOAT", FLOAT_LAYOUT)
                .lload(address)
                .loadConstant(offset)
                .ladd();
        code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(CD_float, FLOAT_LAYOUT, CD_long));
        code.invokestatic(FLOAT_VECTOR, "broadcast", MethodTypeDesc.of(FLOAT_VECTOR, SPECIES, CD_float));
        code.astore(variable);
    }

    /** {@code sum = x · y + sum} in one rounding. */
    public void fma(int sum, int x, int y) {
        code.aload(x).aload(y).aload(sum);
        code.invokevirtual(FLOAT_VECTOR, "fma", MethodTypeDesc.of(FLOAT_VECTOR, VECTOR, VECTOR))
                .astore(sum);
    }

    /** {@code variable = ints at address}. */
    public void loadInts(int variable, int address) {
        code.getstatic(CONSTANTS, "INTS", SPECIES);
        place(address, 0);
        code.invokestatic(INT_VECTOR, "fromMemorySegment", LOAD.changeReturnType(INT_VECTOR))
                .astore(variable);
    }

    /** {@code ints at address = variable}. */
    public void storeInts(int variable, int address) {
        code.aload(variable);
        place(address, 0);
        code.invokevirtual(INT_VECTOR, "intoMemorySegment", STORE);
    }

    /** {@code variable[i] = the lane index[i] of x and y, one after the other}. */
    public void select(int variable, int index, int x, int y) {
        code.aload(index).aload(x).aload(y);
        code.invokevirtual(INT_VECTOR, "selectFrom", MethodTypeDesc.of(INT_VECTOR, VECTOR, VECTOR))
                .astore(variable);
    }

    /** Pushes the segment, an address and the byte order. */
    private void place(int address, long offset) {
        code.getstatic(CONSTANTS, "ALL", SEGMENT)
                .lload(address)
                .loadConstant(offset)
                .ladd();
        code.getstatic(CONSTANTS, "ORDER", BYTE_ORDER);
    }

    /** The name of a class in bytecode. */
    public static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }
}

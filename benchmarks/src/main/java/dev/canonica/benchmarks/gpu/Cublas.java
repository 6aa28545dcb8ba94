package dev.canonica.benchmarks.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** cuBLAS called directly, on the default stream of the context that the calling thread has: the peer of our products. */
final class Cublas implements AutoCloseable {
    private static final String[] NAMES = {"libcublas.so.13", "libcublas.so.12"};

    private final Arena arena = Arena.ofConfined();
    private final MethodHandle destroy;
    private final MethodHandle gemm;
    private final MethodHandle wait;
    private final MemorySegment handle;
    private final MemorySegment one = arena.allocateFrom(JAVA_FLOAT, 1);
    private final MemorySegment zero = arena.allocateFrom(JAVA_FLOAT, 0);

    /** The library that is there; empty, after one line that says so, where there is none. */
    static String find() {
        for (String name : NAMES) {
            try {
                SymbolLookup.libraryLookup(name, Arena.global());
                return name;
            } catch (IllegalArgumentException e) {
                // the next one
            }
        }
        System.out.println("cuBLAS is not on the library path: products are timed without it");
        return "";
    }

    Cublas(String library) {
        SymbolLookup cublas = SymbolLookup.libraryLookup(library, Arena.global());
        SymbolLookup driver = SymbolLookup.libraryLookup("libcuda.so.1", Arena.global());
        destroy = function(cublas, "cublasDestroy_v2", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        wait = function(driver, "cuCtxSynchronize", FunctionDescriptor.of(JAVA_INT));
        gemm = function(
                cublas,
                "cublasSgemmStridedBatched",
                FunctionDescriptor.of(
                        JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG,
                        JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG,
                        JAVA_INT));
        MemorySegment cell = arena.allocate(ADDRESS);
        call("cublasCreate", function(cublas, "cublasCreate_v2", FunctionDescriptor.of(JAVA_INT, ADDRESS)), cell);
        handle = cell.get(ADDRESS, 0);
    }

    private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type);
    }

    /** C = A B for a batch, row-major: b products of m×k and k×n. Column-major, that is Cᵀ = Bᵀ Aᵀ. */
    void multiply(int[] sizes, long a, long b, long c) {
        int batch = sizes[0];
        int m = sizes[1];
        int k = sizes[2];
        int n = sizes[3];
        call(
                "cublasSgemmStridedBatched",
                gemm,
                handle,
                0,
                0,
                n,
                m,
                k,
                one,
                b,
                n,
                (long) k * n,
                a,
                k,
                (long) m * k,
                zero,
                c,
                n,
                (long) m * n,
                batch);
    }

    /** Waits for all that the context was asked for. */
    void synchronize() {
        call("cuCtxSynchronize", wait);
    }

    private static void call(String name, MethodHandle function, Object... arguments) {
        try {
            int status = (int) function.invokeWithArguments(arguments);
            if (status != 0) {
                throw new IllegalStateException(name + " failed: status " + status);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(name, e);
        }
    }

    @Override
    public void close() {
        synchronize();
        call("cublasDestroy", destroy, handle);
        arena.close();
    }
}

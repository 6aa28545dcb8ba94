package dev.canonica.cuda.driver;

import static jcuda.driver.CUresult.CUDA_ERROR_NOT_FOUND;

import dev.canonica.tensor.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * The kernels of a context. A module is loaded with its first kernel and no sooner, for the driver compiles all of it then: who computes in F32 alone
 * does not wait for F64, which is half of the PTX.
 */
final class Modules {
    private final CudaContext context;
    private final CompiledKernels compiled;
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<String, CUfunction> functions = new HashMap<>();

    /** The kernels that are shipped, or those compiled for this card where there are such. */
    Modules(CudaContext context, CompiledKernels compiled) {
        this.context = context;
        this.compiled = compiled;
    }

    /**
     * A kernel, whose module is loaded if it is the first of it.
     *
     * @throws DeviceException if the driver refuses the module
     */
    synchronized CUfunction function(String kernel) {
        return functions.computeIfAbsent(kernel, this::find);
    }

    /** The names of the modules that are loaded. */
    synchronized Set<String> loaded() {
        return new TreeSet<>(modules.keySet());
    }

    /** The module of a kernel, by its name: each .cu of {@code src/main/cuda} names its kernels alike. */
    static String moduleOf(String kernel) {
        if (kernel.startsWith("normals_")) {
            return "random";
        }
        if (kernel.startsWith("copy_") || kernel.startsWith("convert_")) {
            return "storage";
        }
        return kernel.endsWith("_f64") ? "f64" : "f32";
    }

    private CUfunction find(String kernel) {
        CUmodule module = modules.computeIfAbsent(moduleOf(kernel), this::load);
        CUfunction function = new CUfunction();
        String what = "cuModuleGetFunction of " + kernel;
        int result = context.attempt(() -> JCudaDriver.cuModuleGetFunction(function, module, kernel));
        if (result == CUDA_ERROR_NOT_FOUND) {
            throw new IllegalStateException(context + ": " + moduleOf(kernel) + " has no kernel " + kernel);
        }
        context.check(what, result);
        return function;
    }

    private CUmodule load(String name) {
        CUmodule module = new CUmodule();
        byte[] image = compiled.image(name);
        if (image != null) {
            int result = load(module, image);
            if (!refused(result)) {
                context.check("cuModuleLoadData of " + name + ", compiled for this card", result);
                return module;
            }
            compiled.refused(name, CUresult.stringFor(result));
        }
        context.check("cuModuleLoadData of " + name, load(module, ptx(name)));
        return module;
    }

    private int load(CUmodule module, byte[] image) {
        ByteBuffer text = ByteBuffer.allocateDirect(image.length + 1).put(0, image); // PTX ends with a 0
        return context.attempt(
                () -> JCudaDriver.cuModuleLoadDataEx(module, Pointer.to(text), 0, new int[0], new Pointer()));
    }

    /** Whether the driver knows no way to run an image. */
    private static boolean refused(int result) {
        return switch (result) {
            case CUresult.CUDA_ERROR_INVALID_IMAGE,
                    CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
                    CUresult.CUDA_ERROR_INVALID_PTX,
                    CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION -> true;
            default -> false;
        };
    }

    /** The text of a module as it is shipped. */
    private static byte[] ptx(String module) {
        try (InputStream in = Modules.class.getResourceAsStream("/dev/canonica/cuda/" + module + ".ptx")) {
            if (in == null) {
                throw new DeviceException("this build lacks its kernels: " + module + ".ptx; run scripts/build-ptx");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the kernels of " + module + ".ptx cannot be read", e);
        }
    }
}

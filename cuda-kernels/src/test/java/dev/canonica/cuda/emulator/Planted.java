package dev.canonica.cuda.emulator;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** A thread's context, and what the tests need to launch the kernels of planted.cu. */
final class Planted {
    static final int THREADS = 64;
    private static final String TWO_POINTERS = ".param .u64 x, .param .u64 .ptr .align 1 y";

    private Planted() {}

    /** Gives the calling thread the context of device 0. */
    static void useDevice() {
        JCudaDriver.setExceptionsEnabled(true);
        cuInit(0);
        var device = new CUdevice();
        cuDeviceGet(device, 0);
        var context = new CUcontext();
        cuDevicePrimaryCtxRetain(context, device);
        cuCtxSetCurrent(context);
    }

    /** A kernel with two pointers as parameters. */
    static CUfunction kernel(String name) {
        return kernel(name, TWO_POINTERS, "");
    }

    /** The emulated driver needs of PTX the names and parameters of the kernels. */
    static CUfunction kernel(String name, String parameters, String directives) {
        var module = new CUmodule();
        cuModuleLoadData(
                module,
                bytes(".version 7.0\n.target sm_75\n.visible .entry " + name + "(" + parameters + ")" + directives
                        + "\n{\nret;\n}\n"));
        var function = new CUfunction();
        cuModuleGetFunction(function, module, name);
        return function;
    }

    static byte[] bytes(String ptx) {
        return (ptx + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static Pointer pointer(float... values) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
        buffer.asFloatBuffer().put(values);
        return Pointer.to(buffer);
    }

    static CUdeviceptr upload(float... values) {
        CUdeviceptr p = allocate(values.length);
        cuMemcpyHtoD(p, pointer(values), 4L * values.length);
        return p;
    }

    static CUdeviceptr allocate(int floats) {
        var p = new CUdeviceptr();
        cuMemAlloc(p, 4L * floats);
        return p;
    }

    /** The address that a device pointer holds. */
    static long address(CUdeviceptr p) {
        return new Address(p).getNativePointer();
    }

    /** Reaches the address, which JCuda shows to subclasses alone. */
    private static final class Address extends CUdeviceptr {
        Address(CUdeviceptr p) {
            super(p);
        }

        @Override
        protected long getNativePointer() {
            return super.getNativePointer();
        }
    }

    static float[] download(CUdeviceptr p, int n) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4 * n).order(ByteOrder.nativeOrder());
        cuMemcpyDtoH(Pointer.to(buffer), p, 4L * n);
        float[] values = new float[n];
        buffer.asFloatBuffer().get(values);
        return values;
    }

    static void launch(CUfunction kernel, int blocks, CUstream stream, Pointer... arguments) {
        cuLaunchKernel(kernel, blocks, 1, 1, THREADS, 1, 1, 0, stream, Pointer.to(arguments), null);
    }

    /** Runs a kernel of two pointers on 0, 1 … 63 and gives its y. */
    static float[] run(String name) {
        CUdeviceptr x = upload(counting());
        CUdeviceptr y = allocate(THREADS);
        launch(kernel(name), 1, new CUstream(), Pointer.to(x), Pointer.to(y));
        float[] values = download(y, THREADS);
        JCudaDriver.cuMemFree(x);
        JCudaDriver.cuMemFree(y);
        return values;
    }

    static float[] counting() {
        float[] values = new float[THREADS];
        for (int i = 0; i < THREADS; i++) {
            values[i] = i;
        }
        return values;
    }
}

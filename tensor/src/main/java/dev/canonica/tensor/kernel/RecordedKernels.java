package dev.canonica.tensor.kernel;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * Calls of {@link Kernels} as events of the JDK's Flight Recorder, {@code dev.canonica.Kernel}. They are written where a recording asks for them by name; else a call is one of the
 * kernels themselves, after a look at a flag.
 */
public final class RecordedKernels {
    /** A call. Where work is only queued, on a GPU, it lasts as long as queueing does. */
    @Name("dev.canonica.Kernel")
    @Label("Kernel")
    @Category({"Canonica"})
    @Description("A call of a kernel of a device; on a GPU the time to queue it")
    @Enabled(false)
    @StackTrace(false)
    static final class Call extends Event {
        @Label("Operation")
        String operation = "";

        @Label("Real type's bytes")
        int bytes;

        @Label("Multiply-adds")
        @Description("Of the products of matrices that the call asks for, by their shapes")
        long multiplyAdds;

        Call() {}
    }

    private static final Call FLAG = new Call();
    private static final Map<Kernels, Kernels> RECORDED = new ConcurrentHashMap<>(); // a few for each device

    private RecordedKernels() {}

    /** These kernels, or, where a recording asks for their calls, some that record them. */
    public static Kernels of(Kernels kernels) {
        return FLAG.isEnabled() ? RECORDED.computeIfAbsent(kernels, RecordedKernels::recorded) : kernels;
    }

    private static Kernels recorded(Kernels kernels) {
        InvocationHandler handler = (_, method, arguments) -> {
            if (method.getDeclaringClass() == Object.class || isQuestion(method)) {
                return invoke(kernels, method, arguments);
            }
            Call call = new Call();
            call.begin();
            try {
                return invoke(kernels, method, arguments);
            } finally {
                call.end();
                if (call.shouldCommit()) {
                    call.operation = method.getName();
                    call.bytes = kernels.bytes();
                    call.multiplyAdds = ProductSize.multiplyAdds(method.getName(), arguments);
                    call.commit();
                }
            }
        };
        return (Kernels)
                Proxy.newProxyInstance(Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, handler);
    }

    /** Whether a method computes nothing: what a type's size is, whether calls are queued, where scratch memory lies, what a packed form takes. */
    private static boolean isQuestion(Method method) {
        return method.getParameterCount() == 0
                || method.getName().equals("workspace")
                || method.getName().startsWith("packedBytes");
    }

    private static Object invoke(Kernels kernels, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(kernels, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}

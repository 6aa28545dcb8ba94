/**
 * Tensors, the devices that they live on, random numbers and files of arrays; the JDK alone.
 *
 * <p>Addresses, kernels and memory are for modules of this project only: a tensor's operations are in {@link dev.canonica.tensor} and
 * {@link dev.canonica.tensor.operation}. The Vector API is an incubator module, which Java resolves only where it is asked to ({@code --add-modules
 * jdk.incubator.vector}); without it F32 runs scalar code after one warning.
 *
 * @uses dev.canonica.tensor.DeviceProvider for devices beside the processor
 */
@SuppressWarnings("module") // those that use what is not exported to all are compiled after this one
module dev.canonica.tensor {
    requires static jdk.incubator.vector;
    requires static org.jspecify;
    requires java.management;
    requires jdk.jfr;
    requires jdk.management;

    exports dev.canonica.tensor;
    exports dev.canonica.tensor.function;
    exports dev.canonica.tensor.io;
    exports dev.canonica.tensor.operation;
    exports dev.canonica.tensor.kernel to
            dev.canonica.cuda;
    exports dev.canonica.tensor.memory to
            dev.canonica.cadistill,
            dev.canonica.clarid,
            dev.canonica.cuda;

    uses dev.canonica.tensor.DeviceProvider;
}

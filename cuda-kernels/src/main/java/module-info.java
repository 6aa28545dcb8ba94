/**
 * Tensors on NVIDIA GPUs: nothing names this module; {@link dev.canonica.tensor.Device#cuda} finds it.
 *
 * @provides dev.canonica.tensor.DeviceProvider the devices {@code cuda:0}, {@code cuda:1}, …
 */
module dev.canonica.cuda {
    requires dev.canonica.tensor;
    requires static org.jspecify;
    requires jcublas;
    requires jcuda;
    requires jcusolver;

    provides dev.canonica.tensor.DeviceProvider with
            dev.canonica.cuda.CudaProvider;
}

package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.kernel.StridedCopy;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.memory.MemorySource;
import dev.canonica.tensor.memory.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceTest {
    private final Device other = new Other();

    @Test
    void movesTensors() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        Tensor there = x.to(other);
        assertThat(there.device()).isEqualTo(other);
        assertThat(there.plus(there).transpose().toFloats()).containsExactly(2, 6, 4, 8);
        assertThat(there.to(Device.cpu()).device()).isEqualTo(Device.cpu());
        assertThat(x.to(Device.cpu())).isSameAs(x);
    }

    @Test
    void makesTensorsOnTheDefaultDevice(@TempDir Path folder) {
        Session.current().withDevice(other).run(() -> makesTensors(folder));
        assertThat(Tensor.zeros(DType.U8, Shape.of(3)).device()).isEqualTo(Device.cpu());
    }

    private void makesTensors(Path folder) {
        assertThat(Tensor.zeros(DType.U8, Shape.of(3)).device()).isEqualTo(other);
        assertThat(Tensor.zeros(DType.U8, Shape.of(3)).toLongs()).containsOnly(0);
        Tensor x = Tensor.normal(DType.F32, Shape.of(2, 3), new Philox(1));
        Tensor label = Tensor.of(new long[] {7, 8}, 2);
        assertThat(x.device()).isEqualTo(other);
        Path file = folder.resolve("x.npz");
        dev.canonica.tensor.io.Npz.write(file, Map.of("x", x, "label", label));
        Map<String, Tensor> read = dev.canonica.tensor.io.Npz.read(file);
        assertThat(read.get("x")).extracting(Tensor::device).isEqualTo(other);
        assertThat(read.get("x").toFloats()).isEqualTo(x.toFloats());
        assertThat(read.get("label").gather(Tensor.of(new long[] {1}, 1)).toLongs())
                .containsExactly(8);
        assertThat(x.to(DType.BF16).to(DType.F32).device()).isEqualTo(other);
    }

    @Test
    void takesIndicesFromAnyDevice() {
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 3).to(other);
        Tensor index = Tensor.of(new long[] {2, 0, 2}, 3);
        assertThat(x.gather(index).toFloats()).containsExactly(3, 1, 3);
        assertThat(x.scatterAdd(index, 3).toFloats()).containsExactly(2, 0, 4);
    }

    @Test
    void refusesOperandsOfTwoDevices() {
        Tensor x = Tensor.of(new float[] {1, 2}, 2);
        Tensor there = x.to(other);
        assertThatThrownBy(() -> x.plus(there))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("add: devices differ: cpu and other:0; move one with to(Device)");
        assertThatThrownBy(() -> x.reshape(1, 2).matmul(there.reshape(2, 1)))
                .hasMessageContaining("matmul: devices differ");
        assertThatThrownBy(() -> Tensor.concatenate(0, x, there)).hasMessageContaining("concatenate: devices differ");
        Tensor filled = x.plus(0).assign(there.times(2)); // which copies
        assertThat(filled.toFloats()).containsExactly(2, 4);
    }

    @Test
    void saysWhatIsWrongWithAName() {
        assertThat(Device.of("cpu")).isEqualTo(Device.cpu());
        assertThatThrownBy(() -> Device.of("tpu:1"))
                .isInstanceOf(DeviceException.class)
                .hasMessage("device 'tpu:1' is unknown: cpu or cuda:0, cuda:1, … are needed");
        assertThatThrownBy(() -> Device.cuda(0)).hasMessageStartingWith("cuda:0: CUDA is not in this build: put");
    }

    /** A device that computes on the processor, with a pool of its own, and converts between few types. */
    private static final class Other extends Device {
        Other() {
            super(
                    new MemorySource() {
                        @Override
                        public long allocate(long bytes) {
                            return NativeMemory.allocate(bytes, 64);
                        }

                        @Override
                        public void free(long address) {
                            NativeMemory.free(address);
                        }
                    },
                    1 << 20,
                    "it is for tests");
        }

        @Override
        public String name() {
            return "other:0";
        }

        @Override
        public Kernels kernels(DType type) {
            return type == DType.F32 ? ScalarKernels.F32 : ScalarKernels.F64;
        }

        @Override
        protected void upload(long host, long address, long bytes) {
            MemorySegment.copy(NativeMemory.ALL, host, NativeMemory.ALL, address, bytes);
        }

        @Override
        protected void download(long address, long host, long bytes) {
            MemorySegment.copy(NativeMemory.ALL, address, NativeMemory.ALL, host, bytes);
        }

        @Override
        protected void clear(long address, long bytes) {
            NativeMemory.ALL.asSlice(address, bytes).fill((byte) 0);
        }

        @Override
        protected void copy(int bytes, Walk walk, long x, long y) {
            StridedCopy.run(bytes, walk, x, y);
        }

        @Override
        protected boolean convert(DType from, long x, DType to, long y, long n) {
            return false;
        }
    }
}

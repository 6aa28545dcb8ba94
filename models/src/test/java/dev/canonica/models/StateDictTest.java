package dev.canonica.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.resnet.NamedResNets;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.unet.Unet2d;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import dev.canonica.tensor.io.Safetensors;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDictTest {
    @ParameterizedTest
    @ValueSource(strings = {"dit", "unet", "resnet"})
    void aFreshNetworkTakesTheMemoryOfItsParameters(String name) {
        Supplier<Map<String, Tensor>> fresh = switch (name) {
            case "dit" ->
                () -> Dit.initialised(new DitConfig(32, 4, 3, 384, 4, 6, 4, 0.1, 10, false), 0)
                        .parameters();
            case "unet" ->
                () -> Unet2d.initialised(Unet2d.small(32, 3, 10, true), 0).parameters();
            default ->
                () -> ResNet.initialised(NamedResNets.of("resnet18", 10, 32), 0).parameters();
        };
        fresh.get(); // what is made once, such as blocks of the pool's own, is there
        long before = Device.cpu().liveBytes();
        Map<String, Tensor> parameters = fresh.get();
        long taken = Device.cpu().liveBytes() - before;
        long bytes = parameters.values().stream()
                .mapToLong(t -> t.size() * t.dtype().bytes())
                .sum();
        assertThat(taken).isLessThan(bytes * 5 / 4);
    }

    @Test
    void weightsAreOfTheSessionThatOpenedTheCheckpoint(@TempDir Path folder) {
        Path file = folder.resolve("weights.safetensors");
        Safetensors.write(file, Map.of("w", Tensor.zeros(DType.F32, Shape.of(1 << 20))), Map.of());
        Session opener = Session.byDefault().withMemoryLimit(64 << 20);
        Session user = Session.byDefault().withMemoryLimit(1 << 20);
        Map<String, Tensor> weights = opener.call(() -> StateDict.lazy(Checkpoint.open(file), DType.F32));
        user.run(() -> {
            assertThat(weights.get("w")).isNotNull();
            assertThat(Device.cpu().liveBytes()).isZero();
        });
        opener.run(() -> assertThat(Device.cpu().liveBytes()).isEqualTo(4 << 20));
    }
}

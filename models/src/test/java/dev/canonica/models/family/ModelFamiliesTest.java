package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Network;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The registry of model families, on the golden models. */
class ModelFamiliesTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "models");

    @TempDir
    private Path dir;

    /** The folder of a golden model of each family, by the family's class name. */
    private static Map<String, Path> golden() throws IOException {
        Map<String, Path> found = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(GOLDEN)) {
            for (Path file : files.filter(f -> f.endsWith(ModelDirectory.CONFIG))
                    .sorted()
                    .toList()) {
                ModelFamilies.named(JsonConfig.read(file).className())
                        .ifPresent(
                                family -> found.putIfAbsent(family.classNames().getFirst(), file.getParent()));
            }
        }
        return found;
    }

    static Stream<Path> models() throws IOException {
        return golden().values().stream();
    }

    @Test
    void everyFamilyHasAGoldenModel() throws IOException {
        assertThat(golden().keySet())
                .containsExactlyInAnyOrderElementsOf(ModelFamilies.ALL.stream()
                        .map(family -> family.classNames().getFirst())
                        .toList());
    }

    @Test
    void noTwoFamiliesHaveTheSameClassName() {
        assertThat(ModelFamilies.ALL.stream()
                        .flatMap(family -> family.classNames().stream())
                        .toList())
                .doesNotHaveDuplicates();
    }

    /** Families of other projects come after ours, and have names of their own. */
    @Test
    void othersBringFamilies() {
        ModelFamily<Other> own = ModelFamily.of(Other.class, (c, t) -> new Other(), net -> Map.of(), "Other");
        assertThat(ModelFamilies.with(List.of(() -> List.of(own))))
                .startsWith(ModelFamilies.ALL.toArray(ModelFamily[]::new))
                .endsWith(own);
        ModelFamily<Other> taken = ModelFamily.of(Other.class, (c, t) -> new Other(), net -> Map.of(), "Other", "DiT");
        assertThatThrownBy(() -> ModelFamilies.with(List.of(() -> List.of(taken))))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith(": there is a family of class name 'DiT' already; another is needed");
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsSavedIsReadAgain(Path golden) {
        Network network = ModelDirectory.network(golden, DType.F32);
        ModelDirectory.save(dir, network, Optional.empty(), network.parameters(), Map.of());
        Network again = ModelDirectory.network(dir, DType.F32);
        assertThat(again).hasSameClassAs(network);
        assertThat(again.layers()).isEqualTo(network.layers());
        assertThat(again.fixed()).isEqualTo(network.fixed());
        assertSame(again.parameters(), network.parameters());
        assertSame(again.buffers(), network.buffers());
        assertThat(ModelFamilies.configuration(again))
                .usingRecursiveComparison()
                .isEqualTo(ModelFamilies.configuration(network));
    }

    private static void assertSame(Map<String, Tensor> a, Map<String, Tensor> b) {
        assertThat(List.copyOf(a.keySet())).isEqualTo(List.copyOf(b.keySet()));
        b.forEach((name, t) -> assertThat(a.get(name).toDoubles()).as(name).isEqualTo(t.toDoubles()));
    }

    /** A network without anything. */
    private static final class Other implements Network {
        @Override
        public Map<String, Tensor> parameters() {
            return Map.of();
        }

        @Override
        public List<String> layers() {
            return List.of();
        }
    }

    @Test
    void refusesToSaveWhatIsOfNoFamily() {
        Network other = new Other();
        assertThatThrownBy(() -> ModelDirectory.save(dir, other, Optional.empty(), other.parameters(), Map.of()))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith(
                        ": a network of no family, which cannot be saved; a ModelFamilyProvider can bring one");
    }

    @Test
    void namesTheFamiliesThatThereAre() throws IOException {
        Files.writeString(dir.resolve(ModelDirectory.CONFIG), "{\"_class_name\": \"AsymmetricAutoencoderKL\"}");
        assertThatThrownBy(() -> ModelDirectory.network(dir, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(
                        dir.resolve(ModelDirectory.CONFIG)
                                + ": _class_name 'AsymmetricAutoencoderKL' is not supported; supported: DiT, SiT, DiTTransformer2DModel, ")
                .hasMessageContaining("ResNet");
        assertThatThrownBy(() -> ModelDirectory.load(GOLDEN.resolve("resnet_basic/model"), DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("_class_name 'ResNet' is not supported; supported: DiT, ");
    }
}

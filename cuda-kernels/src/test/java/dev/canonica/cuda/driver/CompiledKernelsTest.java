package dev.canonica.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.cuda.Emulated;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompiledKernelsTest {
    private static final Logger LOG = Logger.getLogger("dev.canonica.cuda");

    @TempDir
    private Path temporary;

    private Path folder;
    private final List<String> warnings = new ArrayList<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord record) {
            warnings.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        folder = temporary.resolve("kernels");
        LOG.addHandler(listener);
        LOG.setUseParentHandlers(false);
    }

    @AfterEach
    void listenNoMore() {
        LOG.removeHandler(listener);
        LOG.setUseParentHandlers(true);
        System.clearProperty(CompiledKernels.PROPERTY);
    }

    /** Stands for NVRTC: makes of a unit the PTX that is shipped, which the emulated driver takes. */
    private static final class Fake implements Compiler {
        private final String version;
        private final List<String> compiled = new ArrayList<>();

        Fake(String version) {
            this.version = version;
        }

        @Override
        public String version() {
            return version;
        }

        @Override
        public byte[] compile(Unit unit, List<String> options) throws CompilationException {
            compiled.add(unit.name() + " " + options.getFirst());
            return shipped(unit.name().replace(".cu", ""));
        }
    }

    private static byte[] shipped(String module) {
        try (InputStream in = CompiledKernelsTest.class.getResourceAsStream("/dev/canonica/cuda/" + module + ".ptx")) {
            return Objects.requireNonNull(in).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A compiler with one answer. */
    private record Answer(byte[] image) implements Compiler {
        @Override
        public String version() {
            return "test";
        }

        @Override
        public byte[] compile(Unit unit, List<String> options) throws CompilationException {
            if (image.length == 0) {
                throw new CompilationException(unit.name() + ": NVRTC_ERROR_COMPILATION\n  grid.cuh(3): error");
            }
            return image;
        }
    }

    private CompiledKernels kernels(int capability, Compiler compiler) {
        return new CompiledKernels(capability, () -> compiler, folder);
    }

    private Path entry() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void compilesForTheCardOnceAndKeepsWhatItMade() {
        Fake fake = new Fake("NVRTC 12.6");
        CompiledKernels first = kernels(80, fake);
        assertThat(first.image("f32")).isEqualTo(shipped("f32"));
        assertThat(first.image("storage")).isNull();
        assertThat(first.image("random")).isNull();
        assertThat(kernels(80, fake).image("f32")).isEqualTo(shipped("f32"));
        assertThat(fake.compiled).containsExactly("f32.cu --gpu-architecture=sm_80");
        assertThat(kernels(80, fake).image("f64")).isEqualTo(shipped("f64"));
        assertThat(fake.compiled).containsExactly("f32.cu --gpu-architecture=sm_80", "f64.cu --gpu-architecture=sm_80");
        assertThat(warnings).isEmpty();
    }

    @Test
    void compilesAgainForAnotherCardOrByAnotherVersion() {
        Fake fake = new Fake("NVRTC 12.6");
        kernels(80, fake).image("f32");
        kernels(86, fake).image("f32");
        Fake newer = new Fake("NVRTC 13.0");
        kernels(80, newer).image("f32");
        assertThat(fake.compiled).hasSize(2);
        assertThat(newer.compiled).hasSize(1);
    }

    @Test
    void compilesAgainWhatIsDamaged() throws IOException {
        Fake fake = new Fake("NVRTC 12.6");
        kernels(80, fake).image("f32");
        byte[] kept = Files.readAllBytes(entry());
        kept[kept.length / 2] ^= 1;
        Files.write(entry(), kept);
        assertThat(kernels(80, fake).image("f32")).isEqualTo(shipped("f32"));
        assertThat(kernels(80, fake).image("f32")).isEqualTo(shipped("f32"));
        assertThat(fake.compiled).hasSize(2);
    }

    @Test
    void keepsByAllThatAnImageIsMadeOf() {
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("a.cuh", "A");
        Set<String> keys = new HashSet<>();
        keys.add(CompiledKernels.key(new Compiler.Unit("u.cu", "text", headers), List.of("-o"), "1"));
        keys.add(CompiledKernels.key(new Compiler.Unit("v.cu", "text", headers), List.of("-o"), "1"));
        keys.add(CompiledKernels.key(new Compiler.Unit("u.cu", "texts", headers), List.of("-o"), "1"));
        keys.add(CompiledKernels.key(new Compiler.Unit("u.cu", "text", headers), List.of("-p"), "1"));
        keys.add(CompiledKernels.key(new Compiler.Unit("u.cu", "text", headers), List.of("-o"), "2"));
        TreeMap<String, String> others = new TreeMap<>();
        others.put("a.cuh", "B");
        keys.add(CompiledKernels.key(new Compiler.Unit("u.cu", "text", others), List.of("-o"), "1"));
        assertThat(keys).hasSize(6).allMatch(key -> key.matches("[0-9a-f]{64}"));
    }

    @Test
    void saysOnceWhatDoesNotCompile() {
        CompiledKernels kernels = kernels(75, new Answer(new byte[0]));
        assertThat(kernels.image("f32")).isNull();
        assertThat(kernels.image("f64")).isNull();
        assertThat(warnings)
                .containsExactly("test does not compile the kernels for compute capability 7.5, so that those that are"
                        + " shipped are used: f32.cu: NVRTC_ERROR_COMPILATION\n  grid.cuh(3): error");
    }

    @Test
    void saysOnceThatTheLibraryIsMissing() {
        CompiledKernels kernels = new CompiledKernels(
                80,
                () -> {
                    throw new UnsatisfiedLinkError(
                            "Error while loading\nlibnvrtc.so.12: cannot open shared object file");
                },
                folder);
        assertThat(kernels.image("f32")).isNull();
        assertThat(kernels.image("f64")).isNull();
        assertThat(warnings)
                .hasSize(1)
                .first()
                .asString()
                .startsWith("NVRTC 12 cannot be used (libnvrtc.so.12: cannot");
        assertThat(folder).doesNotExist();
    }

    @Test
    void compilesWhereNothingCanBeKept() throws IOException {
        Files.createFile(folder);
        Fake fake = new Fake("NVRTC 12.6");
        CompiledKernels kernels = kernels(80, fake);
        assertThat(kernels.image("f32")).isEqualTo(shipped("f32"));
        assertThat(warnings).hasSize(1).first().asString().startsWith("kernels are compiled at every start");
    }

    @Test
    @Tag("emulator") // which takes PTX for a card's own code
    void runsWhatWasCompiled() {
        Fake fake = new Fake("NVRTC 12.6");
        Modules modules = context(capability -> kernels(capability, fake)).modules();
        modules.function("fill_f32");
        modules.function("copy_4");
        assertThat(modules.loaded()).containsExactly("f32", "storage");
        assertThat(fake.compiled).hasSize(1);
        assertThat(warnings).isEmpty();
    }

    @Test
    void runsWhatIsShippedWhereTheDriverTakesNothingElse() {
        byte[] nonsense = "this is no image".getBytes(StandardCharsets.US_ASCII);
        Modules modules =
                context(capability -> kernels(capability, new Answer(nonsense))).modules();
        modules.function("fill_f32");
        modules.function("fill_f64");
        assertThat(modules.loaded()).containsExactly("f32", "f64");
        assertThat(warnings)
                .hasSize(1)
                .first()
                .asString()
                .startsWith("the driver does not take f32 as it was compiled");
    }

    private static CudaContext context(IntFunction<CompiledKernels> kernels) {
        Emulated.device();
        return new CudaContext(0, kernels);
    }

    @Test
    void isAskedForByAProperty() {
        assertThat(CompiledKernels.asked(80).image("f32")).isNull();
        System.setProperty(CompiledKernels.PROPERTY, "yes");
        assertThatThrownBy(() -> CompiledKernels.asked(80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-Dcanonica.cuda.nvrtc: 'yes' is not one of true, false");
    }
}

package examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.data.image.Image;
import dev.canonica.learning.Trainer;
import dev.canonica.models.Network;
import dev.canonica.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import org.slf4j.Logger;

/** Small modular programs, compiled and run on the module path against what the build has made. */
class ModulesTest {
    private static final String GRADIENT = """
            package consumer;

            import dev.canonica.autodiff.Autodiff;
            import dev.canonica.autodiff.Var;
            import dev.canonica.tensor.Device;
            import dev.canonica.tensor.Tensor;
            import java.util.List;

            public final class Main {
                public static void main(String[] args) {
                    Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
                    Tensor g = Autodiff.grad((List<Var> v) -> v.getFirst().square().sum(), List.of(x)).gradients().getFirst();
                    System.out.println(java.util.Arrays.toString(g.toFloats()));
                    System.out.println(Device.cpu().vectorBits() > 0 ? "vectors" : "scalars");
                }
            }
            """;

    private static final String METHOD = """
            package consumer;

            import dev.canonica.autodiff.Autodiff;
            import dev.canonica.autodiff.Linearization;
            import dev.canonica.autodiff.Var;
            import dev.canonica.clarid.LinearOperator;
            import dev.canonica.clarid.RandomizedSvd;
            import dev.canonica.tensor.DType;
            import dev.canonica.tensor.Philox;
            import dev.canonica.tensor.Shape;
            import dev.canonica.tensor.Tensor;

            public final class Main {
                public static void main(String[] args) {
                    Tensor x = Tensor.normal(DType.F32, Shape.of(1, 8), new Philox(1));
                    Tensor w = Tensor.normal(DType.F32, Shape.of(5, 8), new Philox(2));
                    Tensor b = Tensor.zeros(DType.F32, Shape.of(5));
                    Linearization f = Autodiff.linearize((Var v) -> v.linear(Var.constant(w), Var.constant(b)).gelu(), x);
                    RandomizedSvd.Triples svd = RandomizedSvd.ofRank(2)
                            .solve(LinearOperator.jacobian(f, x.shape())).samples().getFirst();
                    System.out.println(svd.sigma().length + " singular values");
                }
            }
            """;

    @TempDir
    private Path folder;

    /** Where the build has put the modules, and what they require. */
    private static String modulePath() {
        return Stream.of(
                        Tensor.class,
                        Autodiff.class,
                        Trainer.class,
                        Network.class,
                        Image.class,
                        RandomizedSvd.class,
                        ObjectMapper.class,
                        JsonFactory.class,
                        com.fasterxml.jackson.annotation.JsonProperty.class,
                        RealMatrix.class,
                        XYChart.class,
                        Logger.class)
                .map(ModulesTest::place)
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path place(Class<?> of) {
        try {
            return Path.of(
                    of.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Maven compiles descriptors; who compiles without it may leave them out. */
    @BeforeEach
    void modulesAreThere() {
        boolean there =
                ModuleFinder.of(place(Tensor.class)).find("dev.canonica.tensor").isPresent();
        if (System.getProperty("surefire.test.class.path") == null) {
            assumeTrue(there, "compiled without module descriptors");
        }
        assertThat(there).isTrue();
    }

    /** What the compiler says of a module that requires another; nothing where all is well. */
    private String compiled(String required, String source) throws IOException {
        Path sources = Files.createDirectories(folder.resolve("src/consumer"));
        Files.writeString(
                folder.resolve("src/module-info.java"),
                "module consumer { requires " + required + "; }",
                StandardCharsets.UTF_8);
        Files.writeString(sources.resolve("Main.java"), source, StandardCharsets.UTF_8);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
        boolean compiles = compiler.getTask(
                        said,
                        files,
                        null,
                        List.of(
                                "--module-path",
                                modulePath(),
                                "--class-path",
                                "", // else that of the tests
                                "-d",
                                folder.resolve("out").toString(),
                                "-proc:none"),
                        null,
                        files.getJavaFileObjects(folder.resolve("src/module-info.java"), sources.resolve("Main.java")))
                .call();
        files.close();
        assertThat(compiles).as(said.toString()).isEqualTo(!said.toString().contains("error:"));
        return compiles ? "" : said.toString();
    }

    /** What the module prints, on either stream. */
    private String run(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                modulePath() + File.pathSeparator + folder.resolve("out"),
                "--enable-native-access=dev.canonica.tensor"));
        command.addAll(List.of(options));
        command.addAll(List.of("-m", "consumer/consumer.Main"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed;
    }

    @Test
    void aModuleDifferentiates() throws IOException, InterruptedException {
        assertThat(compiled("dev.canonica.autodiff", GRADIENT)).isEmpty();
        assertThat(run("--add-modules", "jdk.incubator.vector"))
                .contains("[2.0, 4.0, 6.0]")
                .contains("vectors")
                .doesNotContain("the vector module is not there");
    }

    @Test
    void withoutTheVectorModuleItSaysSoAndGoesOn() throws IOException, InterruptedException {
        assertThat(compiled("dev.canonica.autodiff", GRADIENT)).isEmpty();
        assertThat(run())
                .contains("[2.0, 4.0, 6.0]")
                .contains("scalars")
                .containsOnlyOnce("the vector module is not there");
    }

    @Test
    void aModuleUsesTheMethod() throws IOException, InterruptedException {
        assertThat(compiled("dev.canonica.clarid", METHOD)).isEmpty();
        assertThat(run("--add-modules", "jdk.incubator.vector")).contains("2 singular values");
    }

    /** Addresses, kernels and emitted code are not for users. */
    @Test
    void whatIsNotExportedDoesNotCompile() throws IOException {
        List<String> names = List.of(
                "dev.canonica.tensor.memory.Addresses",
                "dev.canonica.tensor.kernel.Kernels",
                "dev.canonica.tensor.vector.VectorKernels",
                "dev.canonica.tensor.vector.code.EmittedCode");
        StringBuilder fields = new StringBuilder("package consumer; class Main {\n");
        for (int i = 0; i < names.size(); i++) {
            fields.append("    ").append(names.get(i)).append(" x").append(i).append(";\n");
        }
        String said = compiled("dev.canonica.clarid", fields + "}\n");
        for (String name : names) {
            String within = name.substring(0, name.lastIndexOf('.'));
            assertThat(said)
                    .contains("package " + within + " is not visible")
                    .containsPattern("package " + Pattern.quote(within)
                            + " is declared in module [a-z.]+, which does not export it");
        }
    }

    @Test
    void kernelsCannotBeCalled() throws IOException {
        assertThat(
                        compiled(
                                "dev.canonica.tensor",
                                "package consumer; class Main { int x(dev.canonica.tensor.Tensor t) { return t.kernels().bytes(); } }"))
                .contains("is not accessible");
    }
}

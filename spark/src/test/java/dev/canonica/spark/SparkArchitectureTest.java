package dev.canonica.spark;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.canonica.clarid.cluster.Cluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

/** What this module uses, who uses Spark, and what Java it is started with. */
class SparkArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.canonica");

    @Test
    void onlyThisModuleUsesSpark() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.canonica.spark..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..", "dev.canonica.spark..")
                .check(CLASSES);
    }

    @Test
    void thisModuleIsAThinLayer() {
        classes()
                .that()
                .resideInAPackage("dev.canonica.spark..")
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.not(resideInAPackage("dev.canonica.."))
                        .or(resideInAnyPackage(
                                "dev.canonica.spark..",
                                "dev.canonica.cadistill.attack..",
                                "dev.canonica.cadistill.evaluate..",
                                "dev.canonica.clarid..",
                                "dev.canonica.models..",
                                "dev.canonica.data..",
                                "dev.canonica.tensor..")))
                .check(CLASSES);
    }

    /** The options of the launcher and of the tests are those of Spark's own, but for what Java 25 no longer has. */
    @Test
    void javaIsStartedAsSparkStartsIt() throws IOException {
        List<String> own = Files.readAllLines(Path.of("java.options"));
        for (String option : JavaModuleOptions.defaultModuleOptionArray()) {
            if (!option.contains("sun.security.action")) {
                assertThat(own).contains(option);
            }
        }
    }

    @Test
    void theClusterIsFound() {
        assertThat(Cluster.find()).containsInstanceOf(SparkCluster.class);
    }

    @Test
    void processorsOfALocalMaster() {
        assertThat(SparkCluster.processors("local")).isEqualTo(1);
        assertThat(SparkCluster.processors("local[3]")).isEqualTo(3);
        assertThat(SparkCluster.processors("local[4,2]")).isEqualTo(4);
        assertThat(SparkCluster.processors("local[*]"))
                .isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    /** A process for {@link #aDriverWithoutTheVectorModuleIsRefused}. */
    static final class Driver {
        private Driver() {}

        public static void main(String[] arguments) {
            try {
                VectorModule.require();
                System.out.println("goes on");
            } catch (IllegalStateException refused) {
                System.out.println(refused.getMessage());
            }
        }
    }

    @Test
    void aDriverWithoutTheVectorModuleIsRefused() throws IOException {
        assertThat(driver()).contains("without its vector module", "start it with --add-modules jdk.incubator.vector");
        assertThat(driver("--add-modules", "jdk.incubator.vector")).contains("goes on");
    }

    private static String driver(String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Driver.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}

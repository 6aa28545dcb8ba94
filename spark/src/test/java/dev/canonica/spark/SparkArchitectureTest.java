package dev.canonica.spark;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.slf4j.LoggerFactory;

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

    /** In a locale of ASCII Java would write to a file of another name; names of other file systems are none of the locale's. */
    @Test
    void namesThatALocaleHasNoBytesForAreRefused() {
        for (String name : List.of("/data/caf\u00e9/results", "file:/data/caf\u00e9")) {
            LocaleNames.require(name, StandardCharsets.UTF_8);
            assertThatThrownBy(() -> LocaleNames.require(name, StandardCharsets.US_ASCII))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            name
                                    + ": this process cannot name it in its locale, whose encoding is US-ASCII; with the setting spark.executorEnv.LC_ALL=C.UTF-8 executors can");
        }
        for (String name : List.of("", "/data/results", "hdfs:///caf\u00e9")) {
            LocaleNames.require(name, StandardCharsets.US_ASCII);
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
        assertThat(driver(Driver.class))
                .contains("without its vector module", "start it with --add-modules jdk.incubator.vector");
        assertThat(driver(Driver.class, "--add-modules", "jdk.incubator.vector"))
                .contains("goes on");
    }

    /** A process for {@link #whatGoesWrongIsALine}. */
    static final class Logging {
        private Logging() {}

        public static void main(String[] arguments) {
            Exception failure = new IllegalStateException("why\n\tat dev.canonica", new IOException("because"));
            for (String name : arguments[0].split(",")) {
                LoggerFactory.getLogger("org.apache.spark." + name).error("failed:", failure);
            }
        }
    }

    /** Where in Java something went wrong is not shown to who runs a command, nor what is said by who ended a job or was tried again. */
    @Test
    void whatGoesWrongIsALine() throws IOException {
        assertThat(driver(
                        Logging.class,
                        List.of(
                                "executor.Executor,util.Utils,scheduler.TaskSetManager,scheduler.TaskSchedulerImpl,mapred.SparkHadoopMapRedUtil"),
                        "-Dlog4j2.configurationFile="
                                + Path.of("log4j2.properties").toAbsolutePath()))
                .matches("\\d\\d:\\d\\d:\\d\\d ERROR TaskSchedulerImpl: failed: why\\R");
    }

    private static String driver(Class<?> main, String... options) throws IOException {
        return driver(main, List.of(), options);
    }

    private static String driver(Class<?> main, List<String> arguments, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}

package dev.canonica.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the arrows between the modules, and what only one place may use. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.canonica");

    /** Each module, and those that it may use. */
    static Stream<Arguments> arrows() {
        return Stream.of(
                Arguments.of("tensor", List.of()),
                Arguments.of("autodiff", List.of("tensor")),
                Arguments.of("learning", List.of("tensor", "autodiff")),
                Arguments.of("cuda", List.of("tensor")),
                Arguments.of("data", List.of("tensor")),
                Arguments.of("models", List.of("tensor", "autodiff", "learning")),
                Arguments.of("clarid", List.of("tensor", "autodiff", "learning", "data", "models")),
                Arguments.of("cadistill", List.of("tensor", "autodiff", "learning", "data", "models", "clarid")),
                Arguments.of(
                        "cli", List.of("tensor", "autodiff", "learning", "data", "models", "clarid", "cadistill")));
    }

    @ParameterizedTest
    @MethodSource("arrows")
    void arrowsPointOneWay(String module, List<String> others) {
        String[] allowed = Stream.concat(Stream.of(module), others.stream())
                .map(name -> "dev.canonica." + name + "..")
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage("dev.canonica." + module + "..")
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.not(resideInAPackage("dev.canonica.."))
                        .or(resideInAnyPackage(allowed)))
                .check(CLASSES);
    }

    @Test
    void everyClassBelongsToAModule() {
        String[] modules =
                arrows().map(arrow -> "dev.canonica." + arrow.get()[0] + "..").toArray(String[]::new);
        classes().should().resideInAnyPackage(modules).check(CLASSES);
    }

    @Test
    void tensorNeedsTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage("dev.canonica.tensor..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.canonica.tensor..",
                        "java..",
                        "javax..",
                        "com.sun.management..",
                        "jdk.jfr..",
                        "jdk.incubator.vector..",
                        "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void onlyVectorKernelsUseTheVectorModule() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.canonica.tensor.vector..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator..")
                .check(CLASSES);
    }

    /** Derivative rules, networks and the method are written on operations of tensors, not on addresses and kernels. */
    @Test
    void onlyTensorAndCudaUseAddresses() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.canonica.tensor..", "dev.canonica.cuda..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.canonica.tensor.memory.Addresses")
                .orShould()
                .callMethod(Tensor.class, "kernels")
                .check(CLASSES);
    }

    @Test
    void onlyTheCudaModuleUsesJcuda() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.canonica.cuda..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jcuda..")
                .check(CLASSES);
    }

    @Test
    void packagesDoNotFormCycles() {
        slices().assignedFrom(PACKAGES).should().beFreeOfCycles().check(CLASSES);
    }

    /** From memory to what is done with tensors: each floor knows those below it alone. */
    @Test
    void tensorsStandOnFloors() {
        String tensor = "dev.canonica.tensor";
        standOnEachOther(
                tensor,
                List.of(
                        tensor + ".memory",
                        tensor + ".function",
                        tensor + ".kernel",
                        tensor + ".vector..",
                        tensor,
                        tensor + ".io",
                        tensor + ".operation"));
    }

    /** From the lowest floor to the highest, which only chooses: each knows those below it alone. */
    @Test
    void vectorKernelsStandOnFloors() {
        String vector = "dev.canonica.tensor.vector";
        standOnEachOther(
                vector,
                List.of(vector + ".code", vector + ".elements", vector + ".product", vector + ".convolution", vector));
    }

    private static void standOnEachOther(String base, List<String> floors) {
        for (int i = 0; i + 1 < floors.size(); i++) {
            noClasses()
                    .that()
                    .resideInAPackage(floors.get(i))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(floors.subList(i + 1, floors.size()).toArray(String[]::new))
                    .check(CLASSES);
        }
        classes()
                .that()
                .resideInAPackage(base + "..")
                .should()
                .resideInAnyPackage(floors.toArray(String[]::new))
                .check(CLASSES);
    }

    /** Each package is a slice of its own. */
    private static final SliceAssignment PACKAGES = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass c) {
            return SliceIdentifier.of(c.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    };

    @Test
    void packagesAreNullMarked() {
        assertThat(CLASSES.getPackage("dev.canonica").getSubpackagesInTree())
                .filteredOn(found -> !found.getClasses().isEmpty())
                .isNotEmpty()
                .allSatisfy(found -> assertThat(found.isAnnotatedWith(NullMarked.class))
                        .as("%s has a package-info.java with @NullMarked", found.getName())
                        .isTrue());
    }

    /** What records print by themselves of an array is where it is in memory. */
    @Test
    void recordsOfArraysPrintShapes() {
        List<Class<?>> silent = CLASSES.stream()
                .filter(JavaClass::isRecord)
                .<Class<?>>map(JavaClass::reflect)
                .filter(type -> Stream.of(type.getRecordComponents())
                        .anyMatch(c -> c.getGenericType().getTypeName().contains("[]")))
                .toList();
        assertThat(silent).hasSizeGreaterThan(30);
        Set<String> without = CLASSES.stream()
                .filter(c -> silent.contains(c.reflect()))
                .filter(c -> c.getMethodCallsFromSelf().stream()
                        .noneMatch(call -> call.getTargetOwner().isEquivalentTo(RecordText.class)))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(without)
                .isSubsetOf("Prompt", "Walk", "CanonicalSet"); // the first two print numbers, the third counts
    }
}

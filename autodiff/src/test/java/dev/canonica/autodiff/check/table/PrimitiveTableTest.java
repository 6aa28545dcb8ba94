package dev.canonica.autodiff.check.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Row;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PrimitiveTableTest {
    @TestFactory
    Stream<DynamicTest> primitive() {
        return PrimitiveTable.rows().stream()
                .map(row -> dynamicTest(
                        row.name(),
                        () -> assertThat(PrimitiveCheck.check(row).failures()).isEmpty()));
    }

    /** Public static methods that return a Var, or some, are primitives, or are composed of them: each has one row, and each row has one. */
    @Test
    void everyPrimitiveHasARow() throws Exception {
        Set<String> primitives = new TreeSet<>();
        for (Class<?> type : classesBeside(Var.class)) {
            for (Method m : type.getDeclaredMethods()) {
                int modifiers = m.getModifiers();
                if (Modifier.isPublic(modifiers) && Modifier.isStatic(modifiers) && returnsVariables(m)) {
                    primitives.add(type.getSimpleName() + "." + m.getName());
                }
            }
        }
        primitives.removeAll(
                Set.of("Var.constant", "Var.record", "Var.recordLinear")); // what values and primitives are made with
        assertThat(primitives)
                .contains(
                        "Arithmetic.add",
                        "Attentions.attention",
                        "Layouts.split",
                        "Indexing.sort"); // the search itself works
        assertThat(PrimitiveTable.rows().stream().map(Row::name)).containsExactlyInAnyOrderElementsOf(primitives);
    }

    @Test
    void everyRowIsSampledAndSampledAtMoreThanOnePoint() {
        assertThat(PrimitiveTable.rows())
                .allSatisfy(row -> assertThat(row.samples()).as(row.name()).hasSizeGreaterThan(2));
    }

    /** What the page of operations says of all of them. */
    @Test
    void everyPrimitiveHasASecondDerivative() {
        assertThat(PrimitiveTable.rows())
                .allSatisfy(row -> assertThat(row.hasSecond()).as(row.name()).isTrue());
    }

    /** A Var, a list of them, or a record with one. */
    private static boolean returnsVariables(Method m) {
        Class<?> type = m.getReturnType();
        boolean list = m.getGenericReturnType().getTypeName().equals("java.util.List<" + Var.class.getName() + ">");
        return type == Var.class
                || list
                || type.isRecord() && Stream.of(type.getRecordComponents()).anyMatch(c -> c.getType() == Var.class);
    }

    private static Set<Class<?>> classesBeside(Class<?> one) throws IOException, URISyntaxException {
        Path root =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        String name = one.getPackageName();
        try (Stream<Path> files = Files.list(root.resolve(name.replace('.', '/')))) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".class") && !f.equals("package-info.class"))
                    .map(f -> load(name + "." + f.substring(0, f.length() - ".class".length())))
                    .collect(Collectors.toSet());
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}

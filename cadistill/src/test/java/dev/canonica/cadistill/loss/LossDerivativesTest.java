package dev.canonica.cadistill.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Row;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Push and pull of every loss, by both sides: against central differences, each other's adjoint, and F32 against F64. */
class LossDerivativesTest {
    @TestFactory
    Stream<DynamicTest> derivativesHold() {
        return LossRows.rows().stream()
                .map(row -> DynamicTest.dynamicTest(
                        row.name(),
                        () -> assertThat(PrimitiveCheck.checkFirst(row).failures())
                                .isEmpty()));
    }

    @Test
    void everyLossHasARow() {
        List<String> rows = LossRows.rows().stream().map(Row::name).toList();
        Stream.of(AttentionTransfer.class, Cka.class, FitNet.class, Gram.class, Procrustes.class, Rkd.class)
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(m -> Modifier.isStatic(m.getModifiers()) && m.getReturnType() == Var.class)
                .map(m -> m.getDeclaringClass().getSimpleName() + "." + m.getName())
                .filter(name -> !Set.of("FitNet.mapped").contains(name)) // no loss
                .forEach(name -> assertThat(rows).contains(name));
    }
}

package dev.canonica.autodiff.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditTableTest {
    @Test
    void alignsColumnsAndListsMisses() {
        CheckResult good = new CheckResult(
                "Activations.exp", 12, Map.of(ErrorKind.VALUE, 1.234e-7, ErrorKind.PUSH, 0.0), List.of());
        CheckResult bad = new CheckResult(
                "dit", 1, Map.of(ErrorKind.VALUE, Double.NaN), List.of("[3]: value: error NaN, allowed 1.0e-05"));
        assertThat(AuditTable.format(List.of(good, bad))).isEqualTo("""
                                         cases    value  push  verdict
                        Activations.exp     12  1.2e-07     0       ok
                        dit                  1      NaN           MISS

                        dit: [3]: value: error NaN, allowed 1.0e-05
                        """);
    }
}

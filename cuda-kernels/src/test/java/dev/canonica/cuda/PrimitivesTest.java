package dev.canonica.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.table.PrimitiveTable;
import dev.canonica.tensor.Session;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every primitive, with all of its samples, on the device: value, push and pull as the table of autodiff demands. Second derivatives are made of the same operations.
 */
class PrimitivesTest {
    @TestFactory
    Stream<DynamicTest> hold() {
        Session onTheDevice = Session.current().withDevice(Emulated.device());
        return PrimitiveTable.rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> {
                    CheckResult result = onTheDevice.call(() -> PrimitiveCheck.checkFirst(row));
                    assertThat(result.failures()).isEmpty();
                }));
    }
}

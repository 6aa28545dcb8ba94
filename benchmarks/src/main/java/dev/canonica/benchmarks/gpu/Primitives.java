package dev.canonica.benchmarks.gpu;

import dev.canonica.autodiff.check.AuditTable;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.table.PrimitiveAudit;
import dev.canonica.tensor.Device;
import java.util.List;

/** Every primitive's row, computed on the device in F32 and F64: values, derivatives, adjoint identity, central differences. */
final class Primitives {
    private Primitives() {}

    static void run(Device device, Results results) {
        List<CheckResult> all = PrimitiveAudit.run(
                r -> results.check("primitives", r.name(), r.passed(), String.join("; ", r.failures())));
        System.out.print(AuditTable.format(all));
    }
}

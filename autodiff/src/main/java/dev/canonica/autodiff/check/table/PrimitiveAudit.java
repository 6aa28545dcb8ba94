package dev.canonica.autodiff.check.table;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The check of every primitive. */
public final class PrimitiveAudit {
    private PrimitiveAudit() {}

    /**
     * Checks every row of {@link PrimitiveTable}.
     *
     * @param progress is told each result as it comes
     */
    public static List<CheckResult> run(Consumer<CheckResult> progress) {
        List<CheckResult> results = new ArrayList<>();
        for (Row row : PrimitiveTable.rows()) {
            CheckResult result = PrimitiveCheck.check(row);
            progress.accept(result);
            results.add(result);
        }
        return results;
    }
}

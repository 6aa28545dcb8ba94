package dev.canonica.autodiff.check.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.check.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** docs/operations.md is what the table of checks says; {@code -Dcanonica.write=true} writes it anew. */
class OperationsPageTest {
    private static final Path PAGE = Path.of("../docs/operations.md");

    @Test
    void thePageIsThatOfTheTable() throws Exception {
        String page = page();
        if (Boolean.getBoolean("canonica.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }

    private static String page() throws Exception {
        Properties names = new Properties();
        try (var in = OperationsPageTest.class.getResourceAsStream("pytorch.properties")) {
            assertThat(in).isNotNull();
            names.load(in);
        }
        Map<String, List<Row>> byClass = new LinkedHashMap<>();
        for (Row row : PrimitiveTable.rows()) {
            byClass.computeIfAbsent(row.name().substring(0, row.name().indexOf('.')), c -> new ArrayList<>())
                    .add(row);
        }
        StringBuilder page = new StringBuilder("""
                # Operations

                Every operation on `Var`, beside PyTorch's. Each has value, push (J v), pull (Jᵀ u) and second derivative (H(u) v), all held to double precision and to central
                differences at the samples of its row in the table of checks, by every set of its inputs, the second by each input alone and by all ([how](adding-a-primitive.md)). A test makes this page of that table.
                """);
        byClass.forEach((type, rows) -> {
            page.append("\n## ")
                    .append(type)
                    .append("\n\n| operation | in PyTorch | samples | refusals |\n| --- | --- | --- | --- |\n");
            for (Row row : rows) {
                String theirs = names.getProperty(row.name());
                assertThat(theirs).as("pytorch.properties has no " + row.name()).isNotNull();
                page.append("| `").append(row.name()).append("` | ").append(theirs.isEmpty() ? "" : "`" + theirs + "`");
                page.append(" | ")
                        .append(row.samples().size())
                        .append(" | ")
                        .append(row.refusals().size())
                        .append(" |\n");
            }
        });
        assertThat(names.stringPropertyNames())
                .as("names without a row")
                .isSubsetOf(PrimitiveTable.rows().stream().map(Row::name).toList());
        return page.append("""

                Beside them, of tensors and without a derivative:

                | operation | in PyTorch |
                | --- | --- |
                | `Masks.less`, `lessOrEqual`, `greater`, `greaterOrEqual`, `equal`, `notEqual`, `isNaN` | `lt`, `le`, `gt`, `ge`, `eq`, `ne`, `isnan` |
                | `Ordering.argMax`, `argMin`, `argSort`, `topK` (indices, I64) | `argmax`, `argmin`, `argsort`, `topk` |
                | `Integers.plus`, `minus`, `times`, `floorDivide`, `remainder`, `min`, `max`, `equal`, `less` | `+`, `-`, `*`, `//`, `%`, … of integers |
                | `Integers.range`, `oneHot` | `arange`, `nn.functional.one_hot` |
                | `LinearAlgebra.qr`, `lq`, `svd`, `randomizedSvd` | `linalg.qr`, `linalg.svd`, `svd_lowrank` |
                """).toString();
    }
}

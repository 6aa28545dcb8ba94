package dev.canonica.autodiff.check.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.check.Row;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/operations.md is what the table of checks says; {@code -Dcanonica.write=true} writes it anew. */
class OperationsPageTest {
    private static final Path PAGE = Path.of("../docs/operations.md");
    private static final String OF_TENSORS = "dev.canonica.tensor.operation";

    @Test
    void thePageIsThatOfTheTable() throws Exception {
        String page = page();
        if (Boolean.getBoolean("canonica.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }

    /** What the page lists of tensors is there, in the package that it names. */
    @Test
    void whatIsOfTensorsIsThere() throws Exception {
        String page = page();
        String table = page.substring(page.indexOf(OF_TENSORS));
        int methods = 0;
        for (String row : table.lines().filter(line -> line.startsWith("| `")).toList()) {
            Class<?> type = Object.class;
            Matcher name = Pattern.compile("`(?:(\\w+)\\.)?(\\w+)`").matcher(row.split("\\|", -1)[1]);
            while (name.find()) {
                if (name.group(1) != null) {
                    type = Class.forName(OF_TENSORS + "." + name.group(1));
                }
                assertThat(type.getMethods())
                        .as(row)
                        .extracting(Method::getName)
                        .contains(name.group(2));
                methods++;
            }
        }
        assertThat(methods).isGreaterThan(20);
    }

    /** The page's blocks of code of this project are the code. */
    @Test
    void thePrimitiveShownIsTheCode() throws Exception {
        String shown = Files.readString(Path.of("../docs/adding-a-primitive.md"));
        Matcher block =
                Pattern.compile("(?m)^( *)```java\n(.*?)^ *```", Pattern.DOTALL).matcher(shown);
        String code = unindented(Files.readString(Path.of("src/main/java/dev/canonica/autodiff/Normalisation.java"))
                + Files.readString(Path.of("src/main/java/dev/canonica/autodiff/check/table/NormalisationRows.java")));
        int blocks = 0;
        while (block.find()) {
            String lines =
                    unindented(block.group(2).replaceAll("(?m) +// .*$", "")); // what is said beside it is the page's
            assertThat(code).contains(lines);
            blocks++;
        }
        assertThat(blocks).isEqualTo(2);
    }

    private static String unindented(String code) {
        return code.lines().map(String::strip).collect(Collectors.joining("\n"));
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

                Every operation on `Var`, beside PyTorch's; their classes are in `dev.canonica.autodiff`. Each has value, push (J v), pull (Jᵀ u) and second derivative (H(u) v), all held to double precision and to central
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

                Beside them, of tensors and without a derivative, in `dev.canonica.tensor.operation`:

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

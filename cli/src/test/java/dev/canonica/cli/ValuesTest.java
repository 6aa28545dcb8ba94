package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What is said of values that are not of their option's type, over the table of all options. */
class ValuesTest {
    /** Values that no option of a type takes: each is named with what would be right, in no words of Java's. */
    @Test
    void aValueThatIsNoneOfItsTypeIsNamedWithWhatIsRight() {
        Map<String, Integer> seen = new TreeMap<>();
        CommandLine commands = Canonica.commandLine();
        OptionsTest.each("", commands, (command, option) -> {
            Class<?> type = option.typeInfo().isMultiValue()
                    ? option.typeInfo().getAuxiliaryTypes()[0]
                    : option.typeInfo().getType();
            boolean whole =
                    List.of(int.class, Integer.class, long.class, Long.class).contains(type);
            boolean real = List.of(double.class, Double.class).contains(type);
            boolean other =
                    type == boolean.class || type == Boolean.class || type.isEnum() || option.converters().length > 0;
            Map<String, String> wrong = new TreeMap<>();
            if (whole) {
                wrong.put("99999999999999999999", "a whole number from ");
                wrong.put("1e3", "is needed, such as 1000");
                wrong.put("32.0", "is needed, such as 32");
                wrong.put("1_000", "is needed, such as 1000");
                wrong.put("1.5", "is needed");
                wrong.put("0x10", "a whole number");
                wrong.put("\u0663", "a whole number");
            }
            if (real) {
                wrong.put("50%", "is needed, such as 0.50");
                wrong.put("1d", "is needed");
                wrong.put("0x1p3", "is needed");
                wrong.put("1/2", "is needed");
            }
            if (real && !option.typeInfo().isMultiValue()) {
                wrong.put("0,5", "is needed, with a decimal point: 0.5");
            }
            if (whole || real) {
                wrong.put("-", "is needed");
                wrong.put(" 1", "is needed");
            }
            if (whole || real || other) {
                wrong.put("wrong", "'wrong'");
            }
            wrong.forEach((value, right) -> {
                String given = option.longestName() + "=" + value;
                Outcome outcome = Outcome.of(
                        commands,
                        Stream.concat(Stream.of(command.split(" ")), Stream.of(given))
                                .toArray());
                assertThat(outcome.code()).as(command + " " + given).isEqualTo(2);
                assertThat(outcome.err())
                        .startsWith("canonica " + command + ": " + option.longestName() + ": '" + value + "'")
                        .contains(right)
                        .doesNotContain("Invalid", " int", "long ", "double", "boolean", "2.147", "E9")
                        .containsOnlyOnce("\n");
            });
            seen.merge(type.getSimpleName(), wrong.size(), Integer::sum);
        });
        assertThat(seen.keySet()).contains("int", "Long", "double", "Fraction", "Shard", "Boolean", "Precision");
    }

    /** Whole numbers are said with the bounds of their type only where their size is what is wrong. */
    @Test
    void aNumberOutOfItsTypesBoundsIsToldThese() {
        for (String[] row : new String[][] {
            {"extract --batch=99999999999", "--batch: '99999999999'; a whole number from 1 to 2147483647 is needed"},
            {"extract --limit=1e3", "--limit: '1e3'; a whole number of at least 1 is needed, such as 1000"},
            {
                "extract --seed=99999999999999999999",
                "a whole number from -9223372036854775808 to 9223372036854775807 is needed"
            },
            {"extract --seed=1.5", "--seed: '1.5'; a whole number is needed (see"},
            {"extract --steps=1,000", "a whole number from 1 to 1000000 is needed, such as 1000"},
            {"extract --te=0,5", "--te: '0,5'; a number from 0 to 1 is needed, with a decimal point: 0.5"},
            {"extract --guidance=2,5", "--guidance: '2,5'; a number is needed, with a decimal point: 2.5"},
            {"train --rate=1,e-4", "--rate: '1,e-4'; a number of more than 0 is needed, with a decimal point: 1.e-4"},
            {"attack --eps=0,03", "--eps: '0,03': a number of more than 0 is needed"},
            {"extract --dtype=f16", "--dtype: 'f16' is not one of f32, f64"},
            {"extract --skip-bad=maybe", "--skip-bad: 'maybe' is not one of true, false"},
            {"extract --rank=3 --rank=4", "--rank: is given more than once, and takes one value"},
        }) {
            Outcome outcome = Outcome.run((Object[]) row[0].split(" "));
            assertThat(outcome.code()).isEqualTo(2);
            assertThat(outcome.err()).contains(row[1]).containsOnlyOnce("\n");
        }
        assertThat(Outcome.run("extract", "--te=5e-1", "--rank=+3", "--guidance=.5")
                        .err())
                .contains("Missing required");
    }
}

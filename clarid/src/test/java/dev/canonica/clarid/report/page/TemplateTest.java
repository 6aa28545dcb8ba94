package dev.canonica.clarid.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TemplateTest {

    @Test
    void neverSearchesWhatItPutIn() {
        Template template = new Template("t", "{{a}} and {{b}} and {{a}}");
        assertThat(template.fill(Map.of("a", "{{b}} $1 \\", "b", "{{#a}}x{{/a}}")))
                .isEqualTo("{{b}} $1 \\ and {{#a}}x{{/a}} and {{b}} $1 \\");
    }

    @Test
    void leavesOutWhatIsEmpty() {
        Template template = new Template("t", "x{{#a}}[{{a}}]{{/a}}{{#b}}\n({{b}})\n{{/b}}y");
        assertThat(template.fill(Map.of("a", "", "b", "1"))).isEqualTo("x\n(1)\ny");
        Template nested = new Template("t", "{{#a}}<{{#b}}{{c}}{{/b}}>{{/a}}");
        assertThat(nested.fill(Map.of("a", "1", "b", "1", "c", "2"))).isEqualTo("<2>");
        assertThat(nested.fill(Map.of("a", "1", "b", "", "c", "2"))).isEqualTo("<>");
        assertThat(nested.fill(Map.of("a", "", "b", "1", "c", "2"))).isEmpty();
    }

    @Test
    void refusesTypos() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Template("t", "{{a}}").fill(Map.of()))
                .withMessage("t: no value for {{a}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Template("t", "").fill(Map.of("a", "")))
                .withMessage("t: no placeholders for [a]");
    }
}

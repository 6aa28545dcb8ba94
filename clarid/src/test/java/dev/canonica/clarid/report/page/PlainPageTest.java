package dev.canonica.clarid.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainPageTest {
    @TempDir
    private Path temp;

    /** Numbers end at the right under each other; sentences there are hard to read. */
    @Test
    void columnsOfWordsBeginAtTheLeft() throws IOException {
        Path file = temp.resolve("page.html");
        new PlainPage("kind", "Title", "lead")
                .table(
                        List.of("Name", "About", "Count", "Note"),
                        List.of(List.of("a", "some words", "12", ""), List.of("b", "others", "none", "")))
                .write(file);
        assertThat(Files.readString(file))
                .contains("<th scope=\"col\">Name</th><th scope=\"col\" class=\"words\">About</th>"
                        + "<th scope=\"col\">Count</th><th scope=\"col\">Note</th>")
                .contains("<td class=\"words\">some words</td><td>12</td><td></td>")
                .contains("<td class=\"words\">others</td><td>none</td><td></td>");
    }

    @Test
    void rowsHaveACellForEveryColumn() {
        PlainPage page = new PlainPage("kind", "Title", "lead");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> page.table(List.of("Name", "About"), List.of(List.of("a"))))
                .withMessage("page: row [a] has 1 cells for 2 columns");
    }
}

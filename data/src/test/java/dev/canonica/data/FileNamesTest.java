package dev.canonica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileNamesTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "cat-0_1.b, cat-0_1.b",
                "IMG 1, IMG%201",
                "100%, 100%25",
                "..., %2e.%2e",
                "CON, %43ON",
                "con.txt, %63on.txt",
                "console, console",
                "Lpt1, %4cpt1",
                "a:b\\c*?, a%3ab%5cc%2a%3f",
                "猫, 猫",
                "éà, éà",
                "É, %c3%89",
                "e\u0301, e%cc%81",
                "\u212b, %e2%84%ab",
                "ß, %c3%9f",
                "ﬁ, %ef%ac%81",
                "\ud800, %ed%a0%80",
                "||, %",
            })
    void escapesWhatFilesCannotBeCalled(String name, String file) {
        assertThat(FileNames.of(name)).isEqualTo(file);
    }

    @Test
    void cutsWhatIsTooLong() {
        String a = FileNames.of("猫".repeat(100) + "a");
        String b = FileNames.of("猫".repeat(100) + "b");
        assertThat(a).startsWith("猫猫").isNotEqualTo(b).containsPattern("~[0-9a-f]{16}$");
        assertThat(a.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(200);
    }

    @Test
    void keepsFoldersAndLeavesTheSuffixAway() {
        assertThat(FileNames.pngs(List.of("cat/0.png", "dog/1.JPEG", "00017", "x/../y.gif", "/a//b.bmp")))
                .containsExactly("cat/0.png", "dog/1.png", "00017.png", "x/%2e%2e/y.png", "%/a/%/b.png");
    }

    /** Ids that were the same name once, or are on some file system: each a file of its own, and no file a folder. */
    @Test
    void differentImagesHaveDifferentFiles() {
        List<String> ids = List.of(
                "猫.png",
                "犬.png",
                "à.png",
                "é.png",
                "e\u0301.png",
                "É.png",
                "a.png",
                "a.jpg",
                "A.png",
                "a.jpg.png",
                "a",
                "a.PNG",
                "x/y.png",
                "x_y.png",
                "x%2fy.png",
                "x/y.png/z.png",
                "X/y.jpg",
                "x /y.png",
                "a.png.png",
                ".png",
                "b/.png",
                "%41.png");
        List<String> files = FileNames.pngs(ids);
        assertThat(files)
                .extracting(f -> Normalizer.normalize(f, Normalizer.Form.NFKD).toLowerCase(Locale.ROOT))
                .doesNotHaveDuplicates();
        for (String file : files) {
            assertThat(files)
                    .noneMatch(other -> other.toLowerCase(Locale.ROOT).startsWith(file.toLowerCase(Locale.ROOT) + "/"));
            assertThat(file).endsWith(".png").doesNotContain("../").doesNotStartWith("/");
        }
        assertThat(files.subList(0, 4)).containsExactly("猫.png", "犬.png", "à.png", "é.png");
        assertThat(FileNames.pngsOf("t/A.jpg")).containsExactly("t/A.png", "t/A.jpg.png", "t/%41.jpg.png");
        assertThat(FileNames.pngsOf("7")).containsExactly("7.png");
        assertThatThrownBy(() -> FileNames.pngs(List.of("a", "a"))).hasMessage("two images have the same id");
    }
}

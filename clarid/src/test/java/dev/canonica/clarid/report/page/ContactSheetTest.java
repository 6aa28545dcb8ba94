package dev.canonica.clarid.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContactSheetTest {
    private static final int LEFT = 32 + 132;
    private static final int TOP = 32 + 56 + 58;
    private static final int ZOOM = 3;

    private static ReportData simulated(int count, int n, boolean controls) {
        return new Simulated(n, controls).report(Simulated.discs(count, 32), 1, List.of());
    }

    private static void assertShows(BufferedImage sheet, int column, int row, Image image) {
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                int rgb = image.at(y, x, 0) << 16 | image.at(y, x, 1) << 8 | image.at(y, x, 2);
                int pixel = sheet.getRGB(LEFT + column * 104 + ZOOM * x + 1, TOP + row * 120 + ZOOM * y + 1);
                assertThat(pixel & 0xffffff).isEqualTo(rgb);
            }
        }
    }

    @Test
    void showsOriginalReconstructionCanonicalAndControls() {
        ReportData data = simulated(2, 5, true);
        BufferedImage sheet = ContactSheet.draw(data);
        for (int row = 0; row < 2; row++) {
            Item item = data.items().get(row);
            assertShows(sheet, 0, row, item.original());
            assertShows(sheet, 1, row, item.reconstruction().image());
            assertShows(sheet, 2, row, item.canonical().get(1).image());
            assertShows(sheet, 3, row, item.canonical().get(3).image());
            assertShows(
                    sheet,
                    4,
                    row,
                    item.canonical().get(item.directions().elbow()).image());
            assertShows(
                    sheet, 5, row, item.controls().get("shrunk latent").get(1).image());
            assertShows(
                    sheet,
                    6,
                    row,
                    item.controls().get("random directions").get(1).image());
        }
    }

    /** Of strengths: the chosen one and the next, and the controls as the chosen one, which nearly all of them reach. */
    @Test
    void showsTheChosenStrengthAndControlsAtItsChange() {
        ReportData data = new Simulated(5, true).damped(Simulated.discs(2, 32), 2);
        BufferedImage sheet = ContactSheet.draw(data);
        Item item = data.items().getFirst();
        assertShows(sheet, 2, 0, item.canonical().get(2).image());
        assertShows(sheet, 3, 0, item.canonical().get(3).image());
        assertShows(sheet, 4, 0, item.controls().get("shrunk latent").get(2).image());
        assertThat(sheet.getWidth()).isEqualTo(64 + 132 + 7 * 104 - 8);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, false, 4, 1, 1", "1, 3, true, 8, 1, 1", "15, 2, false, 4, 1, 15", "16, 2, false, 4, 2, 8"})
    void growsDownAndThenToTheRight(int count, int n, boolean controls, int columns, int panels, int rows) {
        BufferedImage sheet = ContactSheet.draw(simulated(count, n, controls));
        assertThat(sheet.getWidth()).isEqualTo(64 + panels * (132 + columns * 104 - 8 + 40) - 40);
        assertThat(sheet.getHeight()).isEqualTo(TOP + 32 + rows * 120);
    }

    @Test
    void writesAFileOfModestSize(@TempDir Path folder) {
        Path file = folder.resolve("sheet.png");
        ReportData data = simulated(24, 4, true);
        ContactSheet.write(data, file);
        assertThat(file.toFile().length()).isBetween(10_000L, 3_000_000L);
        BufferedImage drawn = ContactSheet.draw(data);
        assertThat(ImageFiles.read(file).toBufferedImage().getRGB(LEFT, TOP)).isEqualTo(drawn.getRGB(LEFT, TOP));
    }
}

package dev.canonica.data.named;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.data.image.Image;
import dev.canonica.data.named.Scenes.Split;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScenesTest {
    private static final int MANY = 4000;
    private static final Garments GARMENTS = new Garments(MANY);

    /**
     * Pixels and masks of 300 scenes, all families among them, written down once. A change of any bit, on any machine,
     * makes other data: models trained on the old would meet images they do not know.
     */
    @Test
    void sameBitsEverywhere() {
        Scenes scenes = new Scenes(GARMENTS, Split.BIASED_TRAIN, 2506, 0.5, 300);
        CRC32 pixels = new CRC32();
        CRC32 masks = new CRC32();
        Set<Background> families = EnumSet.noneOf(Background.class);
        for (int i = 0; i < scenes.size(); i++) {
            pixels.update(scenes.image(i).pixels());
            masks.update(scenes.mask(i).pixels());
            families.add(scenes.factors(i).background());
        }
        assertThat(families).hasSize(10);
        assertThat(pixels.getValue()).isEqualTo(3787400138L);
        assertThat(masks.getValue()).isEqualTo(2471824444L);
    }

    @Test
    void imagesAreGarmentOverBackgroundByTheMask() {
        Scenes scenes = new Scenes(GARMENTS, Split.TEST);
        for (int i = 0; i < 50; i++) {
            Image image = scenes.image(i);
            Image mask = scenes.mask(i);
            Image background = scenes.backgroundImage(i);
            Scenes.Factors factors = scenes.factors(i);
            Image garment = GARMENTS.image(factors.garment());
            assertThat(Math.abs(factors.dx())).isLessThanOrEqualTo(2);
            assertThat(Math.abs(factors.dy())).isLessThanOrEqualTo(2);
            for (int y = 0; y < 32; y++) {
                for (int x = 0; x < 32; x++) {
                    int gy = y - 2 - factors.dy();
                    int gx = x - 2 - factors.dx();
                    boolean inside = gy >= 0 && gy < 28 && gx >= 0 && gx < 28;
                    int grey = inside ? garment.at(gy, factors.flipped() ? 27 - gx : gx, 0) : 0;
                    int opacity = mask.at(y, x, 0);
                    assertThat(opacity).isEqualTo(Math.min(255, Math.round(grey / 40f * 255)));
                    for (int c = 0; c < 3; c++) {
                        int tint = factors.tint() >> 16 - 8 * c & 0xff;
                        double expected = background.at(y, x, c) * (1 - opacity / 255.0)
                                + tint * (0.2 + 0.8 * grey / 255) * (opacity / 255.0);
                        assertThat((double) image.at(y, x, c)).isCloseTo(expected, within(2.0));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Split.class)
    void familiesFollowTheSplit(Split split) {
        Scenes scenes = new Scenes(GARMENTS, split);
        int[] counts = new int[10];
        int aligned = 0;
        for (int i = 0; i < MANY; i++) {
            counts[scenes.background(i)]++;
            aligned += scenes.background(i) == scenes.label(i) ? 1 : 0;
            assertThat(scenes.label(i)).isEqualTo(GARMENTS.label(i));
        }
        double expected = switch (split) {
            case TRAIN, TEST -> 0.1;
            case BIASED_TRAIN -> 0.95;
            case SWAPPED_TEST -> 0;
        };
        double sigma = Math.sqrt(expected * (1 - expected) / MANY);
        assertThat(aligned / (double) MANY).isCloseTo(expected, within(5 * sigma));
        for (int count : counts) {
            assertThat(count / (double) MANY).isCloseTo(0.1, within(5 * Math.sqrt(0.09 / MANY)));
        }
    }

    @Test
    void factorsCoverTheirRanges() {
        Scenes scenes = new Scenes(GARMENTS, Split.TRAIN);
        Set<Integer> shifts = new HashSet<>();
        int flips = 0;
        double meanLuma = 0;
        for (int i = 0; i < MANY; i++) {
            Scenes.Factors f = scenes.factors(i);
            shifts.add(5 * f.dx() + f.dy());
            flips += f.flipped() ? 1 : 0;
            meanLuma +=
                    (0.2126 * (f.tint() >> 16) + 0.7152 * (f.tint() >> 8 & 0xff) + 0.0722 * (f.tint() & 0xff)) / MANY;
        }
        assertThat(shifts).hasSize(25);
        assertThat(flips / (double) MANY).isCloseTo(0.5, within(5 * 0.5 / Math.sqrt(MANY)));
        assertThat(meanLuma).isBetween(150.0, 210.0);
    }

    @Test
    void splitsOfOnePartShareAllButTheFamily() {
        Scenes test = new Scenes(GARMENTS, Split.TEST);
        Scenes swapped = new Scenes(GARMENTS, Split.SWAPPED_TEST);
        int same = 0;
        for (int i = 0; i < 200; i++) {
            Scenes.Factors a = test.factors(i);
            Scenes.Factors b = swapped.factors(i);
            assertThat(a.tint()).isEqualTo(b.tint());
            assertThat(test.mask(i).pixels()).isEqualTo(swapped.mask(i).pixels());
            if (a.background() == b.background()) {
                assertThat(test.image(i).pixels()).isEqualTo(swapped.image(i).pixels());
                same++;
            }
        }
        assertThat(same).isBetween(150, 199);
    }

    @Test
    void seedsPartsAndRoundsDiffer() {
        Set<Integer> hashes = new HashSet<>();
        for (Scenes scenes : new Scenes[] {
            new Scenes(GARMENTS, Split.TRAIN),
            new Scenes(GARMENTS, Split.TEST),
            new Scenes(GARMENTS, Split.TRAIN, 1, Scenes.RHO, MANY)
        }) {
            hashes.add(Arrays.hashCode(scenes.image(0).pixels()));
        }
        Scenes twice = new Scenes(GARMENTS, Split.TRAIN, 0, Scenes.RHO, 2 * MANY);
        assertThat(twice.image(1).pixels())
                .isEqualTo(new Scenes(GARMENTS, Split.TRAIN).image(1).pixels());
        assertThat(twice.factors(MANY + 5).garment()).isEqualTo(5);
        hashes.add(Arrays.hashCode(twice.image(MANY).pixels()));
        assertThat(hashes).hasSize(4);
    }

    @Test
    void imagesDoNotDependOnOrderOrThread() {
        Scenes scenes = new Scenes(GARMENTS, Split.TRAIN);
        int[] forwards = IntStream.range(0, 64)
                .map(i -> Arrays.hashCode(scenes.image(i).pixels()))
                .toArray();
        int[] parallel = IntStream.range(0, 64)
                .parallel()
                .map(i -> Arrays.hashCode(scenes.image(63 - i).pixels()))
                .toArray();
        for (int i = 0; i < 64; i++) {
            assertThat(parallel[63 - i]).isEqualTo(forwards[i]);
        }
    }

    @Test
    void normalizedIsPlanarInMinusOneToOne() {
        Scenes scenes = new Scenes(GARMENTS, Split.TRAIN);
        float[] dst = new float[2 + 3 * 32 * 32];
        scenes.copyNormalized(17, dst, 1);
        Image image = scenes.image(17);
        assertThat(dst[0]).isZero();
        assertThat(dst[1 + 2 * 1024 + 5 * 32 + 7]).isEqualTo(image.at(5, 7, 2) / 127.5f - 1);
        assertThat(Image.ofNormalized(dst, 1, 3, 32, 32).pixels()).isEqualTo(image.pixels());
    }

    @Test
    void nameSaysWhatIsNotUsual() {
        assertThat(new Scenes(GARMENTS, Split.SWAPPED_TEST).name()).isEqualTo("scenes:swapped-test");
        assertThat(new Scenes(GARMENTS, Split.BIASED_TRAIN, 3, 0.5, 7).name())
                .isEqualTo("scenes:biased-train?seed=3&rho=0.5&size=7");
    }

    @Test
    void errorsNameTheFault() {
        assertThatThrownBy(() -> new Scenes(GARMENTS, Split.TRAIN, 0, 1.5, 1))
                .hasMessage("Scenes: rho is a probability, not 1.5");
        assertThatThrownBy(() -> new Scenes(Garments.ofClasses(5, 11), Split.TRAIN))
                .hasMessage("garments: Scenes needs 1 to 10 classes, not 11");
        assertThatThrownBy(() -> new Scenes(new Scenes(GARMENTS, Split.TRAIN), Split.TRAIN))
                .hasMessage("scenes:train: Scenes needs grey images of 28 x 28 pixels, not 3 channels of 32 x 32");
        assertThatThrownBy(() -> new Scenes(new Garments(0), Split.TRAIN, 0, 0.5, 3))
                .hasMessage("Scenes: 3 images of 0 garments");
        assertThatThrownBy(() -> new Scenes(GARMENTS, Split.TRAIN).image(MANY))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(new Scenes(new Garments(0), Split.TRAIN).size()).isZero();
    }
}

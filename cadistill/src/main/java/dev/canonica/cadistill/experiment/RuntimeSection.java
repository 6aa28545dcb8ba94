package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.statistics.PowerLaw;
import java.util.ArrayList;
import java.util.List;

/**
 * What the method takes, against the number of images at once, of directions, and the size of the network, with the laws that were fitted, and what they say of sizes that were not measured.
 *
 * @param samplerSteps of the whole way between image and noise
 */
record RuntimeSection(StageTimes times, SizeTimes sizes, int samplerSteps) {
    /** Images of ImageNet's training part, and of ImageNet-21k with its 21,841 classes; the paper takes canonical samples of a tenth. */
    private static final long IMAGENET = 1_281_167;

    private static final long IMAGENET_21K = 14_197_122;
    private static final int SHARE = 10;

    /** Products of a decomposition of ten directions, as measured on trained networks (docs/svd.md). */
    private static final int PRODUCTS = 120;

    /** Steps of a sampler on a way, as the paper has them. */
    private static final int STEPS = 50;

    void on(PlainPage page) {
        page.section(
                "What does it take?",
                "Seconds of a batch on this machine, as it was: the least of three. Inversion and decoding between the image and t_e, and the decomposition there, to the tolerance 10⁻³.");
        List<List<String>> rows = new ArrayList<>();
        for (StageTimes.Row row : times.rows()) {
            rows.add(List.of(
                    "%d images, n = %d".formatted(row.batch(), row.n()),
                    Numbers.format(row.inversion()),
                    Numbers.format(row.decomposition()),
                    Numbers.format(row.decoding()),
                    Numbers.format(row.perImage())));
        }
        page.table(List.of("Batch", "Inversion", "Decomposition", "Decoding", "An image"), rows);
        List<String> laws = new ArrayList<>();
        times.overBatch(StageTimes.Row::inversion).ifPresent(law -> laws.add("inversion as B" + power(law)));
        times.overBatch(StageTimes.Row::decomposition).ifPresent(law -> laws.add("decomposition as B" + power(law)));
        times.overBatch(StageTimes.Row::decoding).ifPresent(law -> laws.add("decoding as B" + power(law)));
        times.overDirections().ifPresent(law -> laws.add("decomposition as n" + power(law)));
        if (!laws.isEmpty()) {
            page.paragraph(
                    "Fitted to the logarithms by least squares, seconds of a batch of B images and n directions grow: "
                            + String.join("; ", laws) + ".");
        }
        ofSizes(page);
    }

    private void ofSizes(PlainPage page) {
        List<List<String>> rows = new ArrayList<>();
        for (SizeTimes.Row row : sizes.rows()) {
            rows.add(List.of(
                    Integer.toString(row.width()),
                    Numbers.format(row.multiplyAdds() / 1e6),
                    Numbers.format(row.step() * 1e3),
                    Numbers.format(row.product() * 1e3)));
        }
        page.table(
                List.of(
                        "Width of the network",
                        "Multiply-adds of a pass, millions",
                        "A step of the sampler, ms an image",
                        "A product with J or its transpose, ms a direction"),
                rows);
        if (sizes.rows().size() < 2) {
            return;
        }
        PowerLaw step = sizes.law(SizeTimes.Row::step);
        PowerLaw product = sizes.law(SizeTimes.Row::product);
        double large = SizeTimes.multiplyAdds(SizeTimes.LARGEST);
        double image = 2 * STEPS * step.at(large) + PRODUCTS * product.at(large);
        page.paragraph(
                "With M multiply-adds a step takes as M%s, a product as M%s. At these laws an image of DiT-XL/2 at 256 × 256 (%s thousand million multiply-adds a pass, %s times the widest network that was measured) takes %s s for %d steps up, as many down, and %d products; a tenth of ImageNet's training images %s days of this machine, a tenth of ImageNet-21k's, of some 22,000 classes, %s. The number of classes has no part in it but by the number of images: a network's pass looks up one row of its table of classes, and the class-evidence map asks two other classes, however many there are."
                        .formatted(
                                power(step),
                                power(product),
                                Numbers.format(large / 1e9),
                                Numbers.format(large / sizes.rows().getLast().multiplyAdds()),
                                Numbers.format(image),
                                STEPS,
                                PRODUCTS,
                                days(image * IMAGENET / SHARE),
                                days(image * IMAGENET_21K / SHARE)));
        page.paragraph("With the model that was measured, in %d steps, it is %s hours and %s."
                .formatted(
                        samplerSteps,
                        Numbers.format(times.secondsOf(IMAGENET / SHARE) / 3600),
                        Numbers.format(times.secondsOf(IMAGENET_21K / SHARE) / 3600)));
    }

    private static String days(double seconds) {
        return Numbers.format(seconds / 86400);
    }

    private static String power(PowerLaw law) {
        return "^%s (R² %s)".formatted(Numbers.format(law.exponent()), Numbers.format(law.determination()));
    }
}

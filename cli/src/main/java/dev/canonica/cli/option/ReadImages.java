package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.set.ImageCheck;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.Subset;
import dev.canonica.tensor.CanonicaException;
import java.util.List;

/**
 * The images of a set, each of which was read once before work on them begins.
 *
 * @param among the images that were read
 * @param bad those of them that cannot be read
 * @param most images that are wanted
 */
public record ReadImages(ImageSet among, List<ImageCheck.Bad> bad, int most) {
    /** Images that are named on standard error. */
    private static final int SHOWN = 20;

    /** Reads all images of a set, and names those that cannot be read on standard error. */
    public static ReadImages all(ImageSet set, String said) {
        return first(set, set.size(), said);
    }

    /** Likewise until {@code most} could be read; {@code said} stands before each that cannot be. */
    public static ReadImages first(ImageSet set, int most, String said) {
        int wanted = Math.min(most, set.size());
        List<ImageCheck.Bad> bad;
        try (Progress progress = Progress.start("checking", 0, wanted, "images")) {
            bad = ImageCheck.of(set, wanted, done -> progress.at(Math.min(done, wanted), ""));
        }
        bad.stream().limit(SHOWN).forEach(b -> System.err.println(said + ": " + CanonicaException.shown(b.reason())));
        if (bad.size() > SHOWN) {
            System.err.println("and " + (bad.size() - SHOWN) + " more");
        }
        return new ReadImages(set, bad, wanted);
    }

    /**
     * Those that can be read, {@code most} at most.
     *
     * @throws dev.canonica.data.DataException if none can
     */
    public ImageSet good() {
        ImageSet good = ImageCheck.without(among, bad);
        return most < good.size() ? Subset.first(good, most) : good;
    }
}

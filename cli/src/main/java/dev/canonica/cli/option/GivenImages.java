package dev.canonica.cli.option;

import dev.canonica.clarid.study.ImageSize;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.DataException;
import dev.canonica.data.set.Fitted;
import dev.canonica.data.set.ImageCheck;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.OneClass;
import dev.canonica.data.set.Subset;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.CanonicaException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the images of a set are taken for a model: which, under what class, of what size. */
public final class GivenImages {
    /** Images that are named on standard error; the file names all. */
    private static final int SHOWN = 20;

    @Option(names = "--limit", paramLabel = "N", description = "the first N images alone")
    @Within(min = 1)
    private @Nullable Integer limit;

    @Option(
            names = "--skip-bad",
            description =
                    "leave out the images that cannot be read, and list them in left-out.csv; without, they are refused before work starts")
    private boolean skipBad;

    @Option(
            names = "--class",
            paramLabel = "NAME",
            description = "the class of all images, where they come without classes")
    private @Nullable String oneClass;

    @Option(
            names = "--resize",
            description =
                    "crop and resize the images to what the model takes, as ?side=N after the name of a folder or zip does")
    private boolean resize;

    private List<ImageCheck.Bad> bad = List.of();

    /** The defaults; picocli sets what the command line gives. */
    public GivenImages() {}

    /** The images that were asked for, whether they can be read or not. */
    public ImageSet asked(ImageSet set) {
        if (oneClass != null && !set.classes().isEmpty()) {
            throw new Misuse("--class: has no effect here: " + set.name() + " has classes of its own, "
                    + set.classes().getFirst() + " first");
        }
        ImageSet asked = oneClass == null ? set : OneClass.of(set, oneClass);
        return limit == null || limit >= set.size() ? asked : Subset.first(asked, limit);
    }

    /** The images that were asked for and can be read: all are read once. */
    public ImageSet readable(ImageSet set) {
        ImageSet first = asked(set);
        try (Progress progress = Progress.start("checking", 0, first.size(), "images")) {
            bad = ImageCheck.of(first, done -> progress.at(done, ""));
        }
        bad.stream()
                .limit(SHOWN)
                .forEach(b -> System.err.println(
                        (skipBad ? "left out: " : "cannot be read: ") + CanonicaException.shown(b.reason())));
        if (bad.size() > SHOWN) {
            System.err.println("and " + (bad.size() - SHOWN) + " more");
        }
        if (!skipBad && !bad.isEmpty()) {
            throw new DataException("%d of %d images of %s cannot be read, first %s; --skip-bad leaves them out"
                    .formatted(
                            bad.size(), first.size(), set.name(), bad.getFirst().id()));
        }
        return ImageCheck.without(first, bad);
    }

    /** The images in the size that a model takes, where that was asked for. */
    public ImageSet fitted(ImageSet set, Subject subject) {
        if (!resize) {
            return set;
        }
        ImageSize size = ImageSize.of(subject.model(), subject.codec())
                .orElseThrow(() -> new ModelException("--resize: no size of images gives samples of shape "
                        + subject.model().sampleShape()));
        return Fitted.of(set, size.height(), size.width());
    }

    /** Writes which images were left out, if any were. */
    public void list(Path folder) {
        ImageCheck.write(bad, folder.resolve(ImageCheck.LEFT_OUT));
    }
}

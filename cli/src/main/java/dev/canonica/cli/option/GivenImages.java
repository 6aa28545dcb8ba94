package dev.canonica.cli.option;

import dev.canonica.clarid.study.ImageSize;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.DataException;
import dev.canonica.data.set.Fitted;
import dev.canonica.data.set.ImageCheck;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.OneClass;
import dev.canonica.data.set.Subset;
import dev.canonica.models.ModelException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the images of a set are taken for a model: which, under what class, of what size. */
public final class GivenImages {
    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "the first N images alone; with --skip-bad the first N of those that can be read")
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
        ImageSet all = classed(set);
        return limit == null || limit >= all.size() ? all : Subset.first(all, limit);
    }

    private ImageSet classed(ImageSet set) {
        if (oneClass != null && !set.classes().isEmpty()) {
            throw new Misuse("--class: has no effect here: " + set.name() + " has classes of its own, "
                    + set.classes().getFirst() + " first");
        }
        return oneClass == null ? set : OneClass.of(set, oneClass);
    }

    /** The images that were asked for and can be read: all are read once. */
    public ImageSet readable(ImageSet set) {
        ReadImages read = skipBad
                ? ReadImages.first(classed(set), limit == null ? set.size() : limit, "left out")
                : ReadImages.all(asked(set), "cannot be read");
        bad = read.bad();
        if (!skipBad && !bad.isEmpty()) {
            throw new DataException("%d of %d images of %s cannot be read, first %s; --skip-bad leaves them out"
                    .formatted(
                            bad.size(),
                            read.among().size(),
                            set.name(),
                            bad.getFirst().id()));
        }
        return read.good();
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

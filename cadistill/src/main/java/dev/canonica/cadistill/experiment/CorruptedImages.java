package dev.canonica.cadistill.experiment;

import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Fields;
import dev.canonica.data.corruption.Table;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.training.ImageSource;
import dev.canonica.tensor.Shape;
import java.util.List;

/** The first images of a set under each of the fifteen corruptions that count (Hendrycks &amp; Dietterich 2019), of one severity: image by image, then corruption by corruption. */
record CorruptedImages(ImageSet set, int count, int severity) implements ImageSource {
    private static final List<Corruption> ALL = Corruption.counted();

    @Override
    public int size() {
        return count * ALL.size();
    }

    @Override
    public Shape shape() {
        return set.shape();
    }

    @Override
    public int label(int i) {
        return set.label(i % count);
    }

    @Override
    public void copy(int i, float[] out, int offset) {
        Corruption corruption = ALL.get(i / count);
        int image = i % count;
        corruption
                .apply(
                        set.image(image),
                        Table.of(set.height(), set.width()),
                        severity,
                        Fields.of(0, corruption, severity, image))
                .copyNormalized(out, offset);
    }
}

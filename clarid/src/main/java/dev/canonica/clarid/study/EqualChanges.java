package dev.canonica.clarid.study;

import dev.canonica.clarid.Projection;
import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** What stands beside the canonical samples of a batch: rivals, each with the parameter at which it changes an image as much as canonical sample k does. */
final class EqualChanges {
    private final List<List<Pixels>> decoded;
    private final Control.Latents latents;
    private final boolean damped;
    private final Function<Tensor, List<Pixels>> pixels;
    private final Shown shown;
    private final int count;

    /** What the report shows of an image. */
    interface Shown {
        Sample of(int b, Pixels image, String label);
    }

    /**
     * Beside these samples.
     *
     * @param decoded the reconstructions, then the canonical samples [k][b]
     * @param damped whether k stands for a strength
     * @param pixels of what the model decodes
     */
    EqualChanges(
            List<List<Pixels>> decoded,
            Control.Latents latents,
            boolean damped,
            Function<Tensor, List<Pixels>> pixels,
            Shown shown) {
        this.decoded = decoded;
        this.latents = latents;
        this.damped = damped;
        this.pixels = pixels;
        this.shown = shown;
        this.count = decoded.getFirst().size();
    }

    /** A control's samples [k][b]. */
    List<List<Sample>> of(Control control) {
        return of(control, changes(control));
    }

    /** By how much each image changes at each parameter of a control's grid. */
    private double[][] changes(Control control) {
        double[] grid = control.grid();
        double[][] change = new double[count][grid.length];
        for (int j = 1; j < grid.length; j++) { // the first changes nothing
            double[] all = new double[count];
            Arrays.fill(all, grid[j]);
            List<Pixels> at = decode(control, latents, all);
            for (int b = 0; b < count; b++) {
                change[b][j] = change(at, b);
            }
        }
        return change;
    }

    /**
     * A rival's samples [k][b].
     *
     * @param change of each image at each parameter of the rival's grid
     */
    List<List<Sample>> of(Rival control, double[][] change) {
        List<List<Sample>> byK = new ArrayList<>();
        for (int k = 0; k < decoded.size(); k++) {
            byK.add(k == 0 ? unchanged() : asked(control, k) ? matched(control, k, change) : unasked());
        }
        return byK;
    }

    /** Whether a rival is compared at a position: a random direction and guidance, which are far behind, at the strength that was chosen and the next one alone. */
    private boolean asked(Rival control, int k) {
        return !damped
                || (control != Control.RANDOM && control != Control.GUIDANCE)
                || k == Projection.Soft.CHOSEN
                || k == Projection.Soft.CHOSEN + 1;
    }

    private List<Sample> unasked() {
        return Collections.nCopies(count, Sample.missing("not compared at this strength"));
    }

    private List<Sample> unchanged() {
        List<Sample> samples = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            samples.add(shown.of(b, decoded.get(0).get(b), ""));
        }
        return samples;
    }

    private List<Sample> matched(Rival control, int k, double[][] change) {
        List<EqualChange> equal = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            equal.add(new EqualChange(control, change(decoded.get(k), b), change[b]));
        }
        List<Pixels> images = new ArrayList<>(decode(control, latents, equal));
        if (control.refinements() > 0) {
            refine(control, equal, images);
        }
        List<Sample> samples = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            double parameter = equal.get(b).parameter();
            samples.add(
                    Double.isNaN(parameter)
                            ? Sample.missing("cannot change the image as much")
                            : control.refinements() > 0 && !equal.get(b).done()
                                    ? Sample.missing("equal change not found")
                                    : shown.of(b, images.get(b), control.label(parameter)));
        }
        return samples;
    }

    /** Tries better parameters for those images whose change is not near enough, and takes their places. */
    private void refine(Rival control, List<EqualChange> equal, List<Pixels> images) {
        for (int left = control.refinements(); ; left--) {
            int from = count; // what lies between the first image and the last one to be tried is decoded, too
            int to = 0;
            for (int b = 0; b < count; b++) {
                equal.get(b).saw(change(images, b));
                if (!equal.get(b).done()) {
                    from = Math.min(from, b);
                    to = b + 1;
                }
            }
            if (to == 0 || left == 0) {
                return;
            }
            List<Pixels> again = decode(control.rows(from, to), latents.rows(from, to), equal.subList(from, to));
            for (int b = from; b < to; b++) {
                images.set(b, again.get(b - from));
            }
        }
    }

    private double change(List<Pixels> images, int b) {
        return images.get(b).rootMeanSquare(decoded.get(0).get(b));
    }

    private List<Pixels> decode(Rival control, Control.Latents of, List<EqualChange> equal) {
        double none = control.grid()[0];
        double[] parameter = equal.stream()
                .mapToDouble(EqualChange::parameter)
                .map(p -> Double.isNaN(p) ? none : p)
                .toArray();
        return decode(control, of, parameter);
    }

    private List<Pixels> decode(Rival control, Control.Latents of, double[] parameter) {
        try (Scope scope = Scope.open()) {
            return pixels.apply(control.decode(of, parameter));
        }
    }
}

package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.CanonicalBatch;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.LatentAnalysis;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.study.Control;
import dev.canonica.data.named.Satellite;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** One network's held-out patches: with nothing removed, by every setting of the method and every control; a row of {@link SatelliteMeasure}s each, and where directions lie. */
final class SatelliteTrial {
    /** The patches themselves. */
    static final String ORIGINAL = "original";

    private static final int BATCH = 100;
    private static final double TOLERANCE = 1e-4;

    private final SatellitePatches patches;
    private final DenoisingModel model;
    private final Sampler sampler;
    private final List<SatelliteArm> arms;
    private final int rank;
    private final Map<String, List<double[]>> rows = new LinkedHashMap<>();

    private SatelliteTrial(
            SatellitePatches patches, DenoisingModel model, Sampler sampler, List<SatelliteArm> arms, int rank) {
        this.patches = patches;
        this.model = model;
        this.sampler = sampler;
        this.arms = arms;
        this.rank = rank;
    }

    /** With nothing removed, from a level of t_e. */
    static String reconstruction(double te) {
        return "reconstruction from " + te;
    }

    /** A control at a point of its grid. */
    static String control(Control control, double te, int point) {
        return "%s from %s/%d".formatted(control.id(), te, point);
    }

    /** Shares of the energy of a setting's directions that lie in the centre. */
    static String directions(SatelliteArm arm) {
        return "directions of " + arm.name();
    }

    /** Whose directions are looked at: one of each t_e. */
    static List<SatelliteArm> decomposed(List<SatelliteArm> arms) {
        Map<Double, SatelliteArm> first = new LinkedHashMap<>();
        arms.stream().filter(a -> a.projection().counts()).forEach(a -> first.putIfAbsent(a.te(), a));
        return List.copyOf(first.values());
    }

    /**
     * Tries all of them.
     *
     * @param held the first so many patches that were held out
     * @return rows by name [held, M]
     */
    static Map<String, Tensor> of(
            SatellitePatches patches,
            DenoisingModel model,
            Sampler sampler,
            List<SatelliteArm> arms,
            int rank,
            int held) {
        SatelliteTrial trial = new SatelliteTrial(patches, model, sampler, arms, rank);
        for (int from = 0; from < held; from += BATCH) {
            try (Scope _ = Scope.open()) {
                trial.batch(from, Math.min(held, from + BATCH));
            }
        }
        Map<String, Tensor> all = new LinkedHashMap<>();
        trial.rows.forEach((name, list) -> all.put(
                name,
                Tensor.of(
                        list.stream().flatMapToDouble(Arrays::stream).toArray(), list.size(), list.getFirst().length)));
        return all;
    }

    /** A batch of patches, and what is known of each. */
    private record Batch(Tensor x0, Condition c, int from, int[] labels, double[][] original) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private void batch(int from, int to) {
        Tensor x0 = patches.held(from, to);
        int[] labels = IntStream.range(from, to).map(patches::label).toArray();
        Batch batch = new Batch(x0, Conditions.classesOf(model).of(labels), from, labels, rows(x0));
        add(ORIGINAL, batch, x0, batch.original, x0.times(0));
        for (double te : arms.stream().mapToDouble(SatelliteArm::te).distinct().toArray()) {
            from(batch, te);
        }
    }

    private void from(Batch batch, double te) {
        List<SatelliteArm> here = arms.stream().filter(a -> a.te() == te).toList();
        CanonicalPipeline first = pipeline(here.getFirst());
        Tensor latent = first.method().invert(batch.x0, batch.c);
        LatentAnalysis analysis = new LatentAnalysis(first.method(), batch.x0, latent, batch.c);
        Tensor decoded = first.decode(latent, batch.c);
        double[][] before = rows(decoded);
        Tensor nothing = latent.times(0);
        add(reconstruction(te), batch, decoded, before, nothing);
        for (SatelliteArm arm : here) {
            CanonicalBatch result = pipeline(arm).ofLatents(analysis, batch.c);
            add(arm.name(), batch, result.canonical(), before, latent.minus(result.clarep()));
            if (decomposed(arms).contains(arm)) {
                for (RandomizedSvd.Triples triples : result.triples()) {
                    rows.computeIfAbsent(directions(arm), n -> new ArrayList<>())
                            .add(Arrays.stream(triples.v())
                                    .mapToDouble(SatelliteMeasure::share)
                                    .toArray());
                }
            }
        }
        float[] mask = new float[Satellite.PIXELS];
        mask[mask.length / 2] = 1;
        Control.Latents of = new Control.Latents(
                first,
                latent,
                batch.c,
                batch.from,
                0,
                () -> analysis.weights(SatelliteArm.MAP),
                Collections.nCopies(batch.labels.length, mask));
        for (Control control : SatelliteArm.controls(te)) {
            double[] grid = control.grid();
            for (int g = 0; g < grid.length; g++) {
                double[] parameter = new double[batch.labels.length];
                Arrays.fill(parameter, grid[g]);
                add(control(control, te, g), batch, control.decode(of, parameter), before, nothing);
            }
        }
    }

    private CanonicalPipeline pipeline(SatelliteArm arm) {
        RandomizedSvd svd = new RandomizedSvd(rank, 2, 40, TOLERANCE, 0, 0);
        CanonicalExtraction method = new CanonicalExtraction(
                model, sampler, sampler.at(arm.te()), DdimSampler.Inversion.GUIDED, arm.layer(), svd);
        return new CanonicalPipeline(method, arm.projection(), arm.k(), Guidance.NONE, Optional.empty());
    }

    private void add(String name, Batch batch, Tensor of, double[][] before, Tensor removed) {
        double[][] now = rows(of);
        double[][] gone = rows(removed);
        int[] whole = patches.byWhole(now);
        int[] centre = patches.byCentre(now);
        List<double[]> all = rows.computeIfAbsent(name, n -> new ArrayList<>());
        for (int i = 0; i < now.length; i++) {
            double[] row = SatelliteMeasure.row(now[i], batch.original[i], before[i], gone[i]);
            row[SatelliteMeasure.RIGHT.ordinal()] = whole[i] == batch.labels[i] ? 1 : 0;
            row[SatelliteMeasure.CENTRE_RIGHT.ordinal()] = centre[i] == batch.labels[i] ? 1 : 0;
            all.add(row);
        }
    }

    /** All numbers of each element of a batch: [B, …] in double. */
    static double[][] rows(Tensor x) {
        double[] all = x.toDoubles();
        double[][] rows = new double[x.dim(0)][];
        int width = all.length / rows.length;
        Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * width, (i + 1) * width));
        return rows;
    }
}

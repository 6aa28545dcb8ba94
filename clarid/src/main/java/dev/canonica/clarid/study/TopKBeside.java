package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalBatch;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The paper's projection (arXiv 2506.09955) beside another one, of the same latents: x̃ = x − V_k V_kᵀ x at whole k, and between them a part of the next direction, so that an image can be
 * changed as much as by the other, up to {@link EqualChange#TOLERANCE}.
 *
 * @param extraction of the same images, by the {@code topk} projection
 * @param items of the first of them, without controls
 */
public record TopKBeside(Extraction extraction, List<Item> items) {
    /** Its name among what is compared. */
    static final String TITLE = "top-k";

    private static final int REFINEMENTS = 12; // none to five are usual

    /** Keeps a copy of the items. */
    public TopKBeside {
        items = List.copyOf(items);
    }

    /** That of a batch. */
    Of of(int batch, int size) {
        return new Of(CanonicalBatch.stored(extraction.arrays(batch), size).triples());
    }

    /** By how much each image of a batch changes at k = 0 … n [B][n + 1]. */
    double[][] change(ImageBatch batch) {
        List<double[]> all = new ArrayList<>();
        for (int i : batch.indices()) {
            all.add(items.get(i).canonical().stream()
                    .mapToDouble(sample -> sample.value(Measurements.CHANGE))
                    .toArray());
        }
        return all.toArray(double[][]::new);
    }

    /**
     * Of a batch.
     *
     * @param triples of each of its images
     */
    record Of(List<RandomizedSvd.Triples> triples) implements Rival {
        @Override
        public String title() {
            return TITLE;
        }

        @Override
        public double[] grid() {
            double[] grid = new double[triples.getFirst().sigma().length + 1];
            for (int k = 0; k < grid.length; k++) {
                grid[k] = k;
            }
            return grid;
        }

        /** Whole directions are far apart: between two, the change is not linear. */
        @Override
        public int refinements() {
            return REFINEMENTS;
        }

        @Override
        public Rival rows(int from, int to) {
            return new Of(triples.subList(from, to));
        }

        @Override
        public Tensor decode(Control.Latents of, double... k) {
            return of.pipeline().decode(without(of.x(), k), of.c());
        }

        /** x − Σ min(1, k − i)₊ v_i v_iᵀ x of each sample. */
        Tensor without(Tensor x, double... k) {
            double[] y = x.toDoubles();
            int n = y.length / k.length;
            for (int b = 0; b < k.length; b++) {
                double[][] v = triples.get(b).v();
                double[] share = new double[v.length];
                for (int i = 0; i < v.length; i++) {
                    double along = 0;
                    for (int j = 0; j < n; j++) {
                        along += v[i][j] * y[b * n + j];
                    }
                    share[i] = Math.clamp(k[b] - i, 0, 1) * along;
                }
                for (int i = 0; i < v.length; i++) {
                    for (int j = 0; j < n; j++) {
                        y[b * n + j] -= share[i] * v[i][j];
                    }
                }
            }
            return Tensor.of(y, x.shape().dims()).to(x.dtype());
        }

        @Override
        public String label(double k) {
            return String.format(Locale.ROOT, "k = %.1f", k);
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }
}

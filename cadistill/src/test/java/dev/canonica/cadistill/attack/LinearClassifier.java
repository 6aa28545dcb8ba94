package dev.canonica.cadistill.attack;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.Weights;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** z = scale (W x + b), of inputs that may be rounded to some levels before, through which no gradient passes. */
public final class LinearClassifier implements Classifier {
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final double scale;
    private final int levels;

    private LinearClassifier(Tensor w, Tensor b, double scale, int levels) {
        parameters.put("weight", w);
        parameters.put("bias", b);
        this.scale = scale;
        this.levels = levels;
    }

    /** Normal weights of length about 1 a row, no bias. */
    public static LinearClassifier random(int classes, int inputs, long seed) {
        return new LinearClassifier(
                Tensor.normal(DType.F32, Shape.of(classes, inputs), new Philox(seed))
                        .times(1 / Math.sqrt(inputs)),
                Tensor.zeros(DType.F32, Shape.of(classes)),
                1,
                0);
    }

    /** With other logits by a factor. */
    public LinearClassifier scaled(double factor) {
        return new LinearClassifier(weight(), parameters.get("bias"), factor, levels);
    }

    /** With inputs rounded to multiples of 1 / (n − 1). */
    public LinearClassifier rounded(int n) {
        return new LinearClassifier(weight(), parameters.get("bias"), scale, n);
    }

    private Tensor weight() {
        return parameters.get("weight");
    }

    /** W in double. */
    public double[][] weights() {
        double[] flat = weight().toDoubles();
        double[][] w = new double[classes()][flat.length / classes()];
        for (int j = 0; j < w.length; j++) {
            System.arraycopy(flat, j * w[j].length, w[j], 0, w[j].length);
        }
        return w;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public List<String> layers() {
        return List.of("output");
    }

    @Override
    public int classes() {
        return weight().dim(0);
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        int n = x.dim(0);
        Var in = x.reshape(n, weight().dim(1));
        if (levels > 0) {
            float[] values = in.value().toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.round(values[i] * (levels - 1)) / (float) (levels - 1);
            }
            in = Var.constant(Tensor.of(values, n, weight().dim(1)));
        }
        return in.linear(Var.constant(weight()), Var.constant(parameters.get("bias")))
                .times(scale);
    }

    /** Images of uniform values, and the classes that this takes them for. */
    public Images images(int n, int channels, int side, long seed) {
        Philox random = new Philox(seed);
        float[] values = new float[n * channels * side * side];
        random.uniforms(0, values);
        Tensor x = Tensor.of(values, n, channels, side, side);
        float[] z = forward(Weights.constant(parameters), Var.constant(x), "output")
                .value()
                .toFloats();
        long[] labels = new long[n];
        for (int i = 0; i < n; i++) {
            float[] own = new float[classes()];
            System.arraycopy(z, i * own.length, own, 0, own.length);
            labels[i] = Logits.predicted(own);
        }
        return Images.of(x, labels);
    }
}

package dev.canonica.benchmarks.work;

import dev.canonica.autodiff.Var;
import dev.canonica.cadistill.attack.AttackRun;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.cadistill.attack.method.Apgd;
import dev.canonica.cadistill.attack.method.ApgdRun;
import dev.canonica.models.Classifier;
import dev.canonica.models.Probe;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Ten steps of APGD by cross-entropy, L∞ with ε = 8/255, at 64 images of 32² in one batch, which are all attacked to the end. */
final class AttackWork {
    private static final int IMAGES = 64;
    private static final int STEPS = 10;

    private AttackWork() {}

    /** At the trained network of {@code golden/methods/attack}, or at a ResNet-18 with random weights. */
    static Works.Work of(String network) {
        Classifier net = network.equals("golden")
                ? ModelDirectory.classifier(Path.of("golden/methods/attack"), DType.F32)
                        .orElseThrow()
                : random();
        float[] values = new float[IMAGES * 3 * 32 * 32];
        new Philox(2).uniforms(0, values);
        Tensor x = Tensor.of(values, IMAGES, 3, 32, 32);
        Tensor logits = net.features(Var.constant(x), Probe.OUTPUT).value();
        float[] z = logits.toFloats();
        long[] labels = new long[IMAGES];
        for (int i = 0; i < IMAGES; i++) {
            int most = 0;
            for (int j = 1; j < 10; j++) {
                most = z[10 * i + j] > z[10 * i + most] ? j : most;
            }
            labels[i] = most;
        }
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        net.parameters().forEach((name, t) -> arrays.put(name, t.times(1)));
        net.buffers().forEach((name, t) -> arrays.put(name, t.times(1)));
        arrays.put("x", x);
        arrays.put("y", Tensor.of(labels, IMAGES));
        arrays.put("expected", logits);
        AttackRun run = new AttackRun(
                        Apgd.crossEntropy(new ApgdRun.Settings(STEPS, false), 1),
                        Victim.of(net),
                        Images.of(x, labels),
                        new Budget(new Linf(), 8 / 255.0))
                .batch(IMAGES);
        return new Works.Work(arrays, run::results);
    }

    private static ResNet random() {
        ResNetConfig config =
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(2, 2, 2, 2), 10, 64, ResNetConfig.Stem.CIFAR);
        return ResNet.initialised(config, 1);
    }
}

package dev.canonica.cadistill.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.Attacks;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is found for an image does not depend on the others, to the bit: not on how many there are, in which order, nor on what came of them. */
class AnyBatchTest {
    private static final int COUNT = 9;
    private static final AttackSettings FEW = new AttackSettings(
            OptionalInt.of(6), OptionalDouble.empty(), OptionalInt.of(2), OptionalInt.of(2), OptionalInt.of(20), false);

    private final Victim victim = Victim.of(ResNet.initialised(
            ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1, 1), 10, 8, ResNetConfig.Stem.CIFAR), 3));

    static Stream<String> attacks() {
        return Attacks.names().stream()
                .filter(name -> !name.equals(Attacks.STANDARD))
                .flatMap(name -> Stream.of("linf " + name, "l2 " + name));
    }

    /** Images that the network takes for one class all, so that most can be attacked; a few cannot. */
    private static Images images() {
        float[] values = new float[COUNT * 3 * 16 * 16];
        new Philox(5).uniforms(0, values);
        return Images.of(Tensor.of(values, COUNT, 3, 16, 16), new long[COUNT]);
    }

    private Images labelled() {
        Images plain = images();
        long[] labels = new long[COUNT];
        float[] all = new float[COUNT * 3 * 16 * 16];
        for (int i = 0; i < COUNT; i++) {
            float[] logits = victim.ask(
                            List.of(new Victim.Question(plain.values(i), null, new Philox(0))), plain.shape())
                    .getFirst()
                    .logits();
            labels[i] = i % 7 == 3 ? (Logits.predicted(logits) + 1) % 10 : Logits.predicted(logits);
            System.arraycopy(plain.values(i), 0, all, i * plain.values(i).length, plain.values(i).length);
        }
        return Images.of(Tensor.of(all, COUNT, 3, 16, 16), labels);
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void anImageIsAttackedAlikeInAnyBatch(String of) {
        String[] words = of.split(" ");
        Images images = labelled();
        Budget budget = budget(words[0], words[1]);
        AttackRun run = new AttackRun(Attacks.of(words[1], FEW), victim, images, budget).seed(9);
        List<ImageResult> all = run.batch(64).results();
        check(run.batch(1).results(), all);
        check(run.batch(7).results(), all);
        AttackRun part = new AttackRun(Attacks.of(words[1], FEW), victim, images.range(2, 7), budget).seed(9);
        check(part.batch(3).results(), all.subList(2, 7));
        Images turned = reversed(images);
        List<ImageResult> back = new ArrayList<>(new AttackRun(Attacks.of(words[1], FEW), victim, turned, budget)
                .seed(9)
                .results());
        check(back.reversed(), all);
        if (!words[1].equals("fgsm") && !words[1].equals("pgd")) {
            assertThat(all).anyMatch(r -> r.correct() && !r.robust());
        }
    }

    /** Enough to break some images and not all; the search without gradients needs more. */
    private static Budget budget(String norm, String attack) {
        double eps = norm.equals("linf") ? 0.003 : 0.05;
        return new Budget(Norm.of(norm), attack.equals("square") ? 10 * eps : eps);
    }

    /** The network itself, at 70 points that are asked for at once, one by one, and 7 or 64 at a time. */
    @Test
    void anAnswerIsTheSameInAnyBatch() {
        float[] values = new float[3 * 16 * 16];
        List<Victim.Question> questions = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            float[] x = values.clone();
            new Philox(5, i).uniforms(0, x);
            questions.add(new Victim.Question(x, new Loss.CrossEntropy(i % 10), new Philox(0)));
        }
        Shape shape = Shape.of(3, 16, 16);
        List<Victim.Answer> all = victim.ask(questions, shape);
        for (int size : new int[] {1, 7, 64}) {
            for (int from = 0; from < 70; from += size) {
                List<Victim.Answer> some = victim.ask(questions.subList(from, Math.min(70, from + size)), shape);
                for (int i = 0; i < some.size(); i++) {
                    assertThat(some.get(i).logits()).isEqualTo(all.get(from + i).logits());
                    assertThat(some.get(i).gradient())
                            .isEqualTo(all.get(from + i).gradient());
                }
            }
        }
    }

    private static Images reversed(Images images) {
        float[] all = new float[COUNT * images.values(0).length];
        long[] labels = new long[COUNT];
        for (int i = 0; i < COUNT; i++) {
            float[] x = images.values(COUNT - 1 - i);
            System.arraycopy(x, 0, all, i * x.length, x.length);
            labels[i] = images.label(COUNT - 1 - i);
        }
        return Images.of(Tensor.of(all, COUNT, 3, 16, 16), labels);
    }

    private static void check(List<ImageResult> found, List<ImageResult> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            ImageResult a = found.get(i);
            ImageResult b = expected.get(i);
            assertThat(a.image()).as("image %d", i).isEqualTo(b.image());
            assertThat(List.of(a.correct(), a.robust(), a.norm(), a.effort()))
                    .isEqualTo(List.of(b.correct(), b.robust(), b.norm(), b.effort()));
        }
    }
}

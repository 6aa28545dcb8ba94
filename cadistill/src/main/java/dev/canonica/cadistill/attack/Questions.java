package dev.canonica.cadistill.attack;

import dev.canonica.cadistill.attack.Victim.Answer;
import dev.canonica.cadistill.attack.Victim.Question;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Questions about any number of points, in batches. */
public final class Questions {
    private final Victim victim;
    private final Shape shape;
    private final int batch;

    /**
     * Questions to a victim.
     *
     * @param shape of a point, [C, H, W]
     * @param batch points at a time, at most
     */
    public Questions(Victim victim, Shape shape, int batch) {
        this.victim = victim;
        this.shape = shape;
        this.batch = batch;
    }

    /**
     * The logits of points.
     *
     * @param noise for the noise at a point by its place, where the victim is randomised
     */
    public List<float[]> logits(List<float[]> points, IntFunction<Philox> noise) {
        List<float[]> all = new ArrayList<>();
        for (int from = 0; from < points.size(); from += batch) {
            List<Question> questions = new ArrayList<>();
            for (int i = from; i < Math.min(points.size(), from + batch); i++) {
                questions.add(new Question(points.get(i), null, noise.apply(i)));
            }
            victim.ask(questions, shape).stream().map(Answer::logits).forEach(all::add);
        }
        return all;
    }

    /** The logits of points, of a victim without noise. */
    public List<float[]> logits(List<float[]> points) {
        Philox none = new Philox(0);
        return logits(points, i -> none);
    }

    /** Answers pursuits until all have ended. */
    public void pursue(List<Pursuit> pursuits) {
        Lanes lanes = new Lanes(
                victim,
                shape,
                batch,
                IntStream.range(0, pursuits.size()).boxed().toList(),
                i -> new Lane(i, pursuits.get(i), new Philox(i)));
        while (!lanes.ended()) {
            lanes.advance();
        }
    }
}

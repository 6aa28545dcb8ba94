package dev.canonica.cadistill.attack;

import dev.canonica.cadistill.attack.Victim.Answer;
import dev.canonica.cadistill.attack.Victim.Question;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Workers;
import java.lang.invoke.MethodHandles;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * Pursuits side by side: their questions are put to the classifier together, as many as a batch holds, and one that has ended makes room for the next image. Which
 * others there are has no influence on any.
 */
final class Lanes {
    private static final String IMAGE = "image";
    private static final String DONE = "done/";
    private static final String LANE = "lane/";

    private final Victim victim;
    private final Shape shape;
    private final int batch;
    private final IntFunction<Lane> begin;
    private final List<Lane> active = new ArrayList<>();
    private final Deque<Integer> waiting;
    private final Map<Integer, Ended> ended = new LinkedHashMap<>();

    /**
     * What came of an image.
     *
     * @param result what the attack returns
     * @param broken whether it says that this is classified otherwise, within the budget
     */
    record Ended(float[] result, boolean broken, ImageResult.Effort effort) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * Lanes for some images.
     *
     * @param images their places, in the order in which they are begun
     * @param begin begins a lane for a place
     */
    Lanes(Victim victim, Shape shape, int batch, Collection<Integer> images, IntFunction<Lane> begin) {
        this.victim = victim;
        this.shape = shape;
        this.batch = batch;
        this.begin = begin;
        this.waiting = new ArrayDeque<>(images);
    }

    /** Whether all have ended. */
    boolean ended() {
        return active.isEmpty() && waiting.isEmpty();
    }

    /** What came of each image, by its place. */
    Map<Integer, Ended> results() {
        return ended;
    }

    /** One question of every lane, and its answer. */
    void advance() {
        while (active.size() < batch && !waiting.isEmpty()) {
            active.add(begin.apply(waiting.remove()));
        }
        List<Lane> now = List.copyOf(active);
        ask(now, Lane::wantsGradient);
        ask(now, lane -> !lane.wantsGradient());
        active.removeIf(lane -> {
            if (lane.pursuit().ended()) {
                Pursuit p = lane.pursuit();
                ended.put(lane.image(), new Ended(p.result(), p.broken(), lane.effort()));
            }
            return lane.pursuit().ended();
        });
    }

    private void ask(List<Lane> lanes, Predicate<Lane> which) {
        List<Lane> asking = new ArrayList<>();
        List<Question> questions = new ArrayList<>();
        for (Lane lane : lanes) {
            if (which.test(lane)) {
                asking.add(lane);
                questions.add(lane.question());
            }
        }
        if (!questions.isEmpty()) {
            List<Answer> answers = victim.ask(questions, shape);
            Workers.run(asking.size(), i -> asking.get(i).answer(answers.get(i)));
        }
    }

    /** All that there is to go on from, as arrays with names. */
    Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        Stacked done = new Stacked(DONE);
        ended.forEach((image, e) -> {
            State s = State.empty();
            s.number(IMAGE, image);
            s.image("result", e.result());
            s.flag("broken", e.broken());
            s.numbers("effort", new double[] {
                e.effort().points(), e.effort().gradients(), e.effort().zeros()
            });
            done.add(s);
        });
        Stacked lanes = new Stacked(LANE);
        for (Lane lane : active) {
            State s = State.empty();
            s.number(IMAGE, lane.image());
            lane.state(s);
            lanes.add(s);
        }
        all.putAll(done.arrays());
        all.putAll(lanes.arrays());
        return all;
    }

    /** Goes on from what {@link #state} gave. */
    void restore(Map<String, Tensor> stored) {
        for (State s : new Stacked(DONE).states(stored)) {
            double[] effort = s.numbers("effort", new double[3]);
            ended.put(
                    take(s),
                    new Ended(
                            s.image("result", new float[0]),
                            s.flag("broken", false),
                            new ImageResult.Effort((int) effort[0], (int) effort[1], (int) effort[2])));
        }
        for (State s : new Stacked(LANE).states(stored)) {
            Lane lane = begin.apply(take(s));
            lane.state(s);
            active.add(lane);
        }
    }

    /** The image of a state, which no longer waits. */
    private int take(State s) {
        int image = s.count(IMAGE, -1);
        if (!waiting.remove(image)) {
            throw new IllegalStateException("state: image " + image + " is not one that waits");
        }
        return image;
    }
}

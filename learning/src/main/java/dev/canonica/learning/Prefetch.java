package dev.canonica.learning;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Makes the batches of the next steps while a step is taken, in a thread of its own, one after another and in the order of the steps. A batch is a function of the step
 * alone, so that it has the same bits as one that is made when it is needed.
 *
 * @param <B> a batch
 */
final class Prefetch<B> implements Batches<B>, AutoCloseable {
    private final Batches<B> batches;
    private final int ahead;
    private final long end;
    private final Session session = Session.current();
    private final ExecutorService loader;
    private final Deque<Future<Scope.Parcel<B>>> waiting = new ArrayDeque<>();
    private long next = -1; // the step of the first that is waiting

    /**
     * Nothing is made before the first batch is asked for.
     *
     * @param ahead batches that are made before they are needed, at most
     * @param end the first step that there is no batch for
     */
    Prefetch(Batches<B> batches, int ahead, long end) {
        this.batches = batches;
        this.ahead = ahead;
        this.end = end;
        this.loader = Executors.newSingleThreadExecutor(work ->
                Thread.ofPlatform().name("canonica-batches").daemon(true).unstarted(work));
    }

    /** The batch of a step; its tensors belong to the scope that is open in the calling thread. */
    @Override
    public B at(long step) {
        if (step != next) {
            discard();
            next = step;
        }
        if (waiting.isEmpty()) {
            waiting.add(submit(step));
        }
        Future<Scope.Parcel<B>> first = waiting.getFirst();
        while (waiting.size() <= ahead && next + waiting.size() < end) {
            waiting.add(submit(next + waiting.size()));
        }
        B batch = of(first).open();
        waiting.removeFirst();
        next++;
        return batch;
    }

    private Future<Scope.Parcel<B>> submit(long step) {
        return loader.submit(() -> session.call(() -> Scope.parcel(() -> batches.at(step))));
    }

    private static <B> Scope.Parcel<B> of(Future<Scope.Parcel<B>> made) {
        try {
            return made.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrainingException("train: interrupted while the next batch was made", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException why -> throw why;
                case Error why -> throw why;
                case null, default -> throw new TrainingException("train: no batch: " + e.getMessage(), e);
            }
        }
    }

    private void discard() {
        for (Future<Scope.Parcel<B>> made : waiting) {
            if (!made.cancel(false)) {
                try {
                    made.resultNow().close();
                } catch (IllegalStateException e) {
                    // it has failed, or is being made: nobody needs it, and the collector has what it leaves
                }
            }
        }
        waiting.clear();
    }

    /** Ends the thread, once the batch that it is at is made. */
    @Override
    public void close() {
        loader.shutdown();
        discard();
        try {
            loader.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

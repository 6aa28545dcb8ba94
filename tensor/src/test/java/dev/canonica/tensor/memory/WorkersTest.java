package dev.canonica.tensor.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.InSession;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Session;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkersTest {
    @RegisterExtension
    private static final InSession THREE_THREADS = new InSession(session -> session.withThreads(3));

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 7, 64, 1001})
    void everyJobRunsOnce(int jobs) {
        for (int repeat = 0; repeat < 50; repeat++) {
            AtomicIntegerArray runs = new AtomicIntegerArray(jobs + 1);
            Workers.run(jobs, runs::incrementAndGet);
            for (int j = 0; j < jobs; j++) {
                assertThat(runs.get(j)).isEqualTo(1);
            }
            assertThat(runs.get(jobs)).isZero();
        }
    }

    @Test
    void plainWritesOfJobsAreVisibleAfterwardsAndThoseOfTheCallerBefore() {
        long[] cells = new long[97];
        for (int round = 1; round <= 20_000; round++) {
            long r = round;
            Workers.run(cells.length, j -> cells[j] += r * (j + 1));
            if (round % 100 == 0) {
                cells[round % cells.length]++; // read and continued by whichever thread is next
            }
        }
        long rounds = 20_000L * 20_001L / 2;
        long expected = 200; // 20 000 / 100
        for (int j = 0; j < cells.length; j++) {
            expected += rounds * (j + 1);
        }
        assertThat(Arrays.stream(cells).sum()).isEqualTo(expected);
    }

    @Test
    void severalThreadsTakePart() {
        CountDownLatch together = new CountDownLatch(3);
        Workers.run(
                3,
                j -> { // returns only if three threads are here at once
                    together.countDown();
                    awaitQuietly(together);
                });
        assertThat(together.getCount()).isZero();
    }

    @Test
    void wakesParkedWorkers() throws InterruptedException {
        severalThreadsTakePart();
        Thread.sleep(Duration.ofMillis(50)); // long past the spinning
        severalThreadsTakePart();
    }

    @Test
    void callerParksWhileAWorkerIsSlow() {
        Thread caller = Thread.currentThread();
        AtomicLong sum = new AtomicLong();
        Workers.run(16, j -> {
            if (Thread.currentThread() != caller) {
                sleepQuietly(5);
            }
            sum.addAndGet(j);
        });
        assertThat(sum.get()).isEqualTo(120);
    }

    @Test
    void nestedCallsRunOnTheThreadOfTheirJob() {
        ConcurrentHashMap<String, Boolean> strayed = new ConcurrentHashMap<>();
        AtomicLong sum = new AtomicLong();
        Workers.run(20, i -> {
            Thread outer = Thread.currentThread();
            Workers.run(
                    20,
                    j -> Workers.run(3, k -> {
                        sum.addAndGet(100L * i + 10L * j + k);
                        if (Thread.currentThread() != outer) {
                            strayed.put(i + "," + j, true);
                        }
                    }));
        });
        assertThat(strayed).isEmpty();
        assertThat(sum.get()).isEqualTo(100L * 190 * 60 + 10L * 190 * 60 + 3L * 400);
    }

    @Test
    void manyThreadsMayCallAtOnceWhileTheSizeChanges() throws InterruptedException {
        List<Thread> callers = new ArrayList<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (int c = 0; c < 4; c++) {
            int caller = c;
            callers.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int round = 0; round < 3000; round++) {
                        int jobs = 1 + (round + caller) % 9;
                        AtomicIntegerArray runs = new AtomicIntegerArray(jobs);
                        Session.current()
                                .withThreads(1 + (round + caller) % 5)
                                .run(() -> Workers.run(jobs, runs::incrementAndGet));
                        for (int j = 0; j < jobs; j++) {
                            assertThat(runs.get(j)).isEqualTo(1);
                        }
                    }
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(failure.get()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void anExceptionReachesTheCallerAndThePoolGoesOn(int threads) {
        for (int round = 0; round < 200; round++) {
            int bad = round % 10;
            assertThatThrownBy(() -> Session.current()
                            .withThreads(threads)
                            .run(() -> Workers.run(10, j -> {
                                if (j == bad) {
                                    throw new IllegalStateException("job " + j);
                                }
                            })))
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage("job " + bad);
        }
        everyJobRunsOnce(64);
    }

    @Test
    void anErrorReachesTheCaller() {
        assertThatThrownBy(() -> Workers.run(5, j -> {
                    throw new StackOverflowError("deep");
                }))
                .isExactlyInstanceOf(StackOverflowError.class);
        everyJobRunsOnce(7);
    }

    @Test
    void exceptionsOfOtherThreadsAreSuppressedInTheFirst() {
        CountDownLatch together = new CountDownLatch(3);
        assertThatThrownBy(() -> Workers.run(3, j -> {
                    together.countDown();
                    awaitQuietly(together);
                    throw new IllegalStateException("job " + j);
                }))
                .isExactlyInstanceOf(IllegalStateException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
    }

    @Test
    void oneExceptionThrownByAllJobsIsThrownAsItIs() {
        IllegalStateException same = new IllegalStateException("same");
        CountDownLatch together = new CountDownLatch(3);
        assertThatThrownBy(() -> Workers.run(3, j -> {
                    together.countDown();
                    awaitQuietly(together);
                    throw same;
                }))
                .isSameAs(same)
                .hasNoSuppressedExceptions();
    }

    @Test
    void anInterruptedCallerStillWaitsForItsJobs() {
        AtomicLong sum = new AtomicLong();
        Thread.currentThread().interrupt();
        Workers.run(30, j -> {
            long end = System.nanoTime() + 200_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            sum.addAndGet(j);
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(sum.get()).isEqualTo(435);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void fewerThanOneThreadIsRefused(int n) {
        assertThatThrownBy(() -> Session.current().withThreads(n))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads: " + n + " is not a positive number");
        assertThat(Workers.threads()).isEqualTo(3);
    }

    @Test
    void aWorkerWhoseJobWasInterruptedParksAgainAndEnds() throws InterruptedException {
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        for (int round = 0; round < 20; round++) {
            Workers.run(30, _ -> {
                if (Thread.currentThread().getName().startsWith("canonica-worker-")) {
                    workers.add(Thread.currentThread());
                    Thread.currentThread().interrupt();
                } else {
                    sleepQuietly(1);
                }
            });
        }
        assertThat(workers).isNotEmpty();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (Thread worker : workers) {
            long before = threads.getThreadCpuTime(worker.threadId());
            worker.join(Duration.ofSeconds(20));
            assertThat(worker.isAlive()).as("%s, idle", worker).isFalse();
            assertThat(before).isLessThan(Duration.ofSeconds(5).toNanos());
        }
        everyJobRunsOnce(64); // by new threads
    }

    @Test
    void jobsHaveTheCallersSettings() {
        Session here = Session.current().withThreads(2).withPrecision(ProductPrecision.BF16);
        Set<Session> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch together = new CountDownLatch(2);
        here.run(() -> Workers.run(2, _ -> {
            together.countDown();
            awaitQuietly(together);
            seen.add(Session.current());
        }));
        assertThat(seen).containsExactly(here);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void sleepQuietly(int millis) {
        try {
            Thread.sleep(Duration.ofMillis(millis));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

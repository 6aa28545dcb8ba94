package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ScopeTest {
    @RegisterExtension
    private final InSession ownAccount = InSession.withOwnAccount();

    private static Tensor tensor() {
        return Tensor.zeros(DType.F32, Shape.of(3));
    }

    private static void assertClosed(Tensor t) {
        for (ThrowingCallable use : new ThrowingCallable[] {
            t::toFloats, () -> t.plus(1), () -> t.sum(0), () -> t.rows(0, 1).exp()
        }) {
            assertThatThrownBy(use)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith(": used after it was closed, or after the scope that made it ended");
        }
    }

    @Test
    void closesWhatItDoesNotKeep() {
        Tensor before = tensor();
        Tensor kept;
        Tensor lost;
        try (Scope scope = Scope.open()) {
            lost = tensor();
            kept = scope.keep(lost.plus(1));
            assertThat(lost.plus(before).toFloats()).containsOnly(0);
        }
        assertThat(kept.toFloats()).containsOnly(1);
        assertThat(before.toFloats()).containsOnly(0);
        assertClosed(lost);
    }

    @Test
    void passesWhatAnInnerScopeKeepsToTheOuterOne() {
        Tensor handedOn;
        Tensor keptTwice;
        try (Scope outer = Scope.open()) {
            try (Scope inner = Scope.open()) {
                handedOn = inner.keep(tensor());
                keptTwice = outer.keep(inner.keep(tensor()));
            }
            assertThat(handedOn.toFloats()).containsOnly(0);
        }
        assertClosed(handedOn);
        assertThat(keptTwice.toFloats()).containsOnly(0);
    }

    @Test
    void keepsTheMemoryOfAView() {
        Tensor row;
        Tensor whole;
        try (Scope scope = Scope.open()) {
            whole = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
            row = scope.keep(whole.row(1));
        }
        assertThat(row.toFloats()).containsExactly(3, 4);
        assertThat(whole.toFloats()).containsExactly(1, 2, 3, 4);
        whole.close();
        assertClosed(row);
    }

    @Test
    void forgetsWhatALongLoopClosesItself() {
        Tensor first;
        Tensor kept;
        try (Scope scope = Scope.open()) {
            first = tensor();
            kept = tensor();
            Tensor[] open = new Tensor[100];
            for (int i = 0; i < 5000; i++) {
                if (i % 50 == 0) {
                    open[i / 50] = tensor();
                } else {
                    tensor().close();
                }
            }
            assertThat(scope.count()).isBetween(102, 300);
            scope.keep(kept);
            for (Tensor t : open) {
                assertThat(t.toFloats()).containsOnly(0);
            }
        }
        assertClosed(first);
        assertThat(kept.toFloats()).containsOnly(0);
    }

    @Test
    void keepingWhatIsNotItsOwnDoesNothing() {
        Tensor outside = tensor();
        try (Scope scope = Scope.open()) {
            assertThat(scope.keep(scope.keep(outside))).isSameAs(outside);
        }
        assertThat(outside.toFloats()).containsOnly(0);
    }

    @Test
    void closingTwiceDoesNothing() {
        long live = Device.cpu().liveBytes();
        Tensor t = tensor();
        t.close();
        t.close();
        Tensor next = tensor(); // the same block, which a second return to the pool would hand out twice
        Tensor other = tensor();
        t.close();
        assertThat(next.memory()).isNotEqualTo(other.memory());
        assertThat(Pinned.at(next)).isNotEqualTo(Pinned.at(other));
        assertThat(next.toFloats()).containsOnly(0);
        Scope scope = Scope.open();
        scope.close();
        scope.close();
        assertThat(Device.cpu().liveBytes()).isGreaterThanOrEqualTo(live);
        assertClosed(t);
    }

    @Test
    void refusesToCloseOutOfOrder() {
        try (Scope outer = Scope.open();
                Scope inner = Scope.open()) {
            Tensor t = tensor();
            assertThatThrownBy(outer::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("scope: closed out of order or in another thread");
            assertThat(t.toFloats()).containsOnly(0);
            assertThat(inner.keep(t)).isSameAs(t);
        }
    }

    @Test
    void belongsToItsThread() throws InterruptedException {
        Tensor[] made = new Tensor[1];
        Throwable[] failure = new Throwable[1];
        try (Scope scope = Scope.open()) {
            Thread thread = new Thread(() -> {
                made[0] = tensor();
                try {
                    scope.close();
                } catch (IllegalStateException e) {
                    failure[0] = e;
                }
            });
            thread.start();
            thread.join();
        }
        assertThat(failure[0]).hasMessage("scope: closed out of order or in another thread");
        assertThat(made[0].toFloats()).containsOnly(0);
    }

    @Test
    void endsWithAnException() {
        Tensor[] made = new Tensor[1];
        assertThatThrownBy(() -> {
                    try (Scope scope = Scope.open()) {
                        made[0] = tensor();
                        scope.keep(made[0].plus(1)).reshape(7);
                    }
                })
                .hasMessage("reshape: [3] has 3 elements, [7] has 7");
        assertClosed(made[0]);
        Tensor after = tensor(); // and no scope is left open
        assertThat(after.toFloats()).containsOnly(0);
    }
}

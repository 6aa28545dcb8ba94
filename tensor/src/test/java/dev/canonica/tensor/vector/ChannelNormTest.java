package dev.canonica.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Pinned;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The scalar twin in double precision, which autodiff's table of checks holds to finite differences, is the oracle. */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class ChannelNormTest {
    @Parameter
    KernelForm form;

    private static final int DIRECTIONS = 3;

    static Stream<ChannelNorm> sizes() {
        return Stream.of(
                ChannelNorm.batch(2, 3, 5, 1e-5),
                ChannelNorm.batch(7, 5, 1, 1e-5),
                ChannelNorm.batch(3, 2, 77, 0.1),
                ChannelNorm.batch(2, 4, 1024, 1e-5),
                ChannelNorm.groups(2, 6, 5, 3, 1e-5),
                ChannelNorm.groups(1, 4, 33, 1, 1e-5),
                ChannelNorm.groups(3, 4, 256, 4, 1e-6),
                ChannelNorm.groups(0, 4, 8, 2, 1e-5));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void vectorAndScalarTwinAgreeWithDouble(ChannelNorm c) {
        List<Tensor> expected = results(new Case(DType.F64, ScalarKernels.F64, c));
        for (Kernels k : List.of(ScalarKernels.F32, new VectorKernels(form))) {
            List<Tensor> found = results(new Case(DType.F32, k, c));
            for (int i = 0; i < expected.size(); i++) {
                double[] e = expected.get(i).toDoubles();
                double greatest = 1;
                for (double v : e) {
                    greatest = Math.max(greatest, Math.abs(v));
                }
                assertThat(found.get(i).toDoubles())
                        .as("result %d of %s", i, k.getClass().getSimpleName())
                        .containsExactly(e, within(2e-5 * greatest));
            }
        }
    }

    /** Value, mean, variance; push of all, of each alone; pull with and without images. */
    private static List<Tensor> results(Case t) {
        Tensor y = t.empty(t.images);
        Tensor mean = t.empty(Shape.of(t.c.rows()));
        Tensor variance = t.empty(Shape.of(t.c.rows()));
        t.k.channelNorm(t.c, t.point(mean, variance), Pinned.at(t.shift), Pinned.at(y));
        return Stream.concat(
                        Stream.of(y, mean, variance),
                        Stream.concat(
                                Stream.of(7, 1, 2, 4).map(which -> t.push(mean, variance, which)),
                                Stream.of(true, false).flatMap(images -> t.pull(mean, variance, images))))
                .toList();
    }

    private static final class Case {
        final DType type;
        final Kernels k;
        final ChannelNorm c;
        final Shape images;
        final Tensor x;
        final Tensor scale;
        final Tensor shift;

        Case(DType type, Kernels k, ChannelNorm c) {
            this.type = type;
            this.k = k;
            this.c = c;
            images = Shape.of(c.images(), c.channels(), c.inner());
            x = numbers(images, 1).times(2).plus(3);
            scale = numbers(Shape.of(c.channels()), 2);
            shift = numbers(Shape.of(c.channels()), 3);
        }

        Tensor numbers(Shape shape, long stream) {
            return Tensor.normal(DType.F32, shape, new Philox(5, stream)).to(type);
        }

        Tensor empty(Shape shape) {
            return Tensor.full(type, shape, Double.NaN);
        }

        ChannelNorm.Point point(Tensor mean, Tensor variance) {
            return new ChannelNorm.Point(Pinned.at(x), Pinned.at(scale), Pinned.at(mean), Pinned.at(variance));
        }

        Tensor push(Tensor mean, Tensor variance, int which) {
            Tensor dx = numbers(images.prepend(DIRECTIONS), 4);
            Tensor dScale = numbers(Shape.of(DIRECTIONS, c.channels()), 5);
            Tensor dShift = numbers(Shape.of(DIRECTIONS, c.channels()), 6);
            Tensor dy = empty(images.prepend(DIRECTIONS));
            k.channelNormPush(
                    c,
                    DIRECTIONS,
                    point(mean, variance),
                    new ChannelNorm.Tangents(
                            (which & 1) == 0 ? 0 : Pinned.at(dx),
                            (which & 2) == 0 ? 0 : Pinned.at(dScale),
                            (which & 4) == 0 ? 0 : Pinned.at(dShift)),
                    Pinned.at(dy));
            return dy;
        }

        Stream<Tensor> pull(Tensor mean, Tensor variance, boolean byImages) {
            Shape planes = Shape.of(DIRECTIONS, c.images(), c.channels());
            Tensor u = numbers(images.prepend(DIRECTIONS), 7);
            Tensor dx = byImages ? empty(u.shape()) : Tensor.zeros(type, u.shape());
            Tensor dScale = empty(planes);
            Tensor dShift = empty(planes);
            k.channelNormPull(
                    c,
                    DIRECTIONS,
                    point(mean, variance),
                    Pinned.at(u),
                    new ChannelNorm.Tangents(byImages ? Pinned.at(dx) : 0, Pinned.at(dScale), Pinned.at(dShift)));
            return Stream.of(dx, dScale, dShift);
        }
    }
}

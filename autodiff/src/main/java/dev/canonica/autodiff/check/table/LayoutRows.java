package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;

/** The rows of {@link Layouts}. */
final class LayoutRows {
    private static final Tensor INDEX = Tensor.of(new long[] {2, 0, 2, 1, 2, 6}, 2, 3);
    private static final Tensor ONE = Tensor.of(new long[] {1});
    private static final Tensor NONE = Tensor.of(new long[] {}, 0);

    private LayoutRows() {}

    static List<Row> rows() {
        return List.of(
                reshape(),
                permute(),
                transpose(),
                slice(),
                pad(),
                broadcastTo(),
                concatenate(),
                gather(),
                stack(),
                split(),
                flip(),
                roll(),
                unsqueeze(),
                squeeze());
    }

    private static Row reshape() {
        return Row.unary("Layouts.reshape", x -> Layouts.reshape(x, -1))
                .at(7)
                .at(3, 5)
                .at(1, 1)
                .at(s())
                .at(0, 3)
                .with("to [3, -1, 2]", x -> Layouts.reshape(x, 3, -1, 2))
                .at(2, 3, 5)
                .at(30)
                .at(0)
                .with("to []", Layouts::reshape)
                .at(1, 1)
                .with("to [4, 2]", x -> Layouts.reshape(x, 4, 2))
                .refuses("reshape: [7] has 7 elements, [4, 2] has 8", s(7))
                .with("to [4, -1]", x -> Layouts.reshape(x, 4, -1))
                .refuses("reshape: [7] does not fit [4, -1]", s(7));
    }

    private static Row permute() {
        return Row.unary("Layouts.permute", x -> Layouts.permute(x, 1, 0))
                .at(3, 7)
                .at(1, 17)
                .at(0, 2)
                .with("to 2 0 1", x -> Layouts.permute(x, 2, 0, 1))
                .at(5, 3, 7)
                .at(2, 1, 33)
                .with("to 0 -1 -2", x -> Layouts.permute(x, 0, -1, -2))
                .at(5, 3, 7)
                .with("to 0 2 1 3", x -> Layouts.permute(x, 0, 2, 1, 3))
                .at(2, 3, 4, 5)
                .at(1, 3, 0, 2)
                .with("to 0", x -> Layouts.permute(x, 0))
                .at(5)
                .with("to 0 0", x -> Layouts.permute(x, 0, 0))
                .refuses("permute: [0, 0] is no order of the axes of [2, 3]", s(2, 3))
                .with("to 0", x -> Layouts.permute(x, 0))
                .refuses("permute: [0] is no order of the axes of [2, 3]", s(2, 3))
                .with("to 0 2", x -> Layouts.permute(x, 0, 2))
                .refuses("axis 2 does not exist in shape [2, 3]", s(2, 3));
    }

    private static Row transpose() {
        return Row.unary("Layouts.transpose", Layouts::transpose)
                .at(3, 7)
                .at(1, 17)
                .at(0, 2)
                .at(5, 3, 7)
                .at(2, 3, 1, 5)
                .refuses("transpose: [..., m, n] needed, shape is [3]", s(3));
    }

    private static Row slice() {
        return Row.unary("Layouts.slice", x -> Layouts.slice(x, 0, 1, 4))
                .at(7)
                .at(5, 3)
                .at(4, 0)
                .with("axis -1, all", x -> Layouts.slice(x, -1, 0, x.dim(-1)))
                .at(3, 17)
                .with("axis 1, [2, 3)", x -> Layouts.slice(x, 1, 2, 3))
                .at(2, 5, 33)
                .with("axis 0, nothing", x -> Layouts.slice(x, 0, 2, 2))
                .at(3, 2)
                .with("axis 1, [1, 4)", x -> Layouts.slice(x, 1, 1, 4))
                .refuses("slice: [1, 4) does not lie in axis 1 of [7, 3]", s(7, 3))
                .refuses("axis 1 does not exist in shape [7]", s(7));
    }

    private static Row pad() {
        return Row.unary("Layouts.pad", x -> Layouts.pad(x, 0, 2, 1))
                .at(7)
                .at(5, 3)
                .at(0)
                .at(0, 3)
                .with("axis -1, 0 and 3", x -> Layouts.pad(x, -1, 0, 3))
                .at(2, 1, 17)
                .with("axis 1, nothing", x -> Layouts.pad(x, 1, 0, 0))
                .at(3, 5)
                .with("axis 0, -1 and 1", x -> Layouts.pad(x, 0, -1, 1))
                .refuses("pad: negative padding -1, 1", s(7));
    }

    private static Row broadcastTo() {
        return Row.unary("Layouts.broadcastTo", x -> Layouts.broadcastTo(x, s(3, 5, 7)))
                .at(s())
                .at(7)
                .at(5, 1)
                .at(1, 5, 1)
                .at(3, 1, 7)
                .at(3, 5, 7)
                .with("to [2, 0]", x -> Layouts.broadcastTo(x, s(2, 0)))
                .at(1)
                .at(2, 1)
                .at(2, 0)
                .with("to [2, 5]", x -> Layouts.broadcastTo(x, s(2, 5)))
                .refuses("broadcastTo: shapes do not broadcast: [3] and [2, 5]", s(3))
                .with("to [1, 5]", x -> Layouts.broadcastTo(x, s(1, 5)))
                .refuses("broadcastTo: [4, 5] does not broadcast to [1, 5]", s(4, 5));
    }

    private static Row concatenate() {
        return Row.of("Layouts.concatenate", v -> Layouts.concatenate(0, v.toArray(new Var[0])))
                .at(s(7))
                .at(s(3, 5), s(1, 5))
                .at(s(2, 3), s(0, 3), s(5, 3))
                .withInputs("axis -1", v -> Layouts.concatenate(-1, v.toArray(new Var[0])))
                .at(s(2, 3, 17), s(2, 3, 1))
                .at(s(5, 2), s(5, 33), s(5, 1))
                .at(s(0, 2), s(0, 3))
                .withInputs("axis 1", v -> Layouts.concatenate(1, v.toArray(new Var[0])))
                .refuses("concatenate: shapes differ beside axis 1: [2, 3] and [3, 3]", s(2, 3), s(3, 3))
                .refuses("concatenate: shapes differ beside axis 1: [2, 3] and [2]", s(2, 3), s(2))
                .refusesTypes("concatenate: types differ: F32 and F64", s(2, 3), s(2, 3))
                .refuses("concatenate: nothing to join", new Shape[0]);
    }

    private static Row gather() {
        return Row.unary("Layouts.gather", x -> Layouts.gather(x, INDEX))
                .at(7)
                .at(7, 3)
                .at(7, 2, 5)
                .at(7, 0)
                .with("one row", x -> Layouts.gather(x, ONE))
                .at(5, 17)
                .at(2)
                .with("no rows", x -> Layouts.gather(x, NONE))
                .at(3, 2)
                .at(0, 2)
                .with("rows", x -> Layouts.gather(x, INDEX))
                .refuses("gather: index 6 does not lie in [0, 6)", s(6, 2))
                .refuses("gather: needs rows and I64 indices, not Tensor[] F32 and Tensor[2, 3] I64", s())
                .with("by F32", x -> Layouts.gather(x, x.value()))
                .refuses("gather: needs rows and I64 indices, not Tensor[3] F32 and Tensor[3] F32", s(3));
    }

    private static Row stack() {
        return Row.of("Layouts.stack", v -> Layouts.stack(0, v.toArray(new Var[0])))
                .at(s(), s())
                .at(s(3, 5), s(3, 5), s(3, 5))
                .withInputs("axis -1", v -> Layouts.stack(-1, v.toArray(new Var[0])))
                .at(s(2, 3), s(2, 3))
                .at(s(0, 2))
                .withInputs("axis 1", v -> Layouts.stack(1, v.toArray(new Var[0])))
                .at(s(2, 3), s(2, 3))
                .refuses("stack: shapes differ: [2] and [3]", s(2), s(3))
                .refuses("stack: nothing to stack", new Shape[0])
                .refuses("unsqueeze: no axis 1 in 1 axes", s(), s());
    }

    private static Row split() {
        return Row.unary("Layouts.split", x -> swapped(Layouts.split(x, 0, 2, 1)))
                .at(3)
                .at(3, 5)
                .with("axis -1", x -> swapped(Layouts.split(x, -1, 0, 7)))
                .at(2, 7)
                .refuses("split: sizes [0, 7] do not add up to axis -1 of [2, 6]", s(2, 6));
    }

    private static Var swapped(List<Var> parts) {
        return parts.get(1).sum().plus(parts.get(0).sum().times(2));
    }

    private static Row flip() {
        return Row.unary("Layouts.flip", x -> Layouts.flip(x, 0))
                .at(7)
                .at(3, 5)
                .at(0, 2)
                .with("axes 0 and -1", x -> Layouts.flip(x, 0, -1))
                .at(2, 3, 5)
                .refuses("flip: axes [0, -1] of [3]: at least one, and each once, needed", s(3));
    }

    private static Row roll() {
        return Row.unary("Layouts.roll", x -> Layouts.roll(x, 0, 2))
                .at(7)
                .at(1, 5)
                .at(0, 2)
                .with("axis -1 by -9", x -> Layouts.roll(x, -1, -9))
                .at(2, 3, 5)
                .refuses("axis -1 does not exist in shape []", s());
    }

    private static Row unsqueeze() {
        return Row.unary("Layouts.unsqueeze", x -> Layouts.unsqueeze(x, 0))
                .at(s())
                .at(3)
                .with("axis -1", x -> Layouts.unsqueeze(x, -1))
                .at(2, 3)
                .with("axis 3", x -> Layouts.unsqueeze(x, 3))
                .refuses("unsqueeze: no axis 3 in 3 axes", s(2, 3));
    }

    private static Row squeeze() {
        return Row.unary("Layouts.squeeze", x -> Layouts.squeeze(x, 0))
                .at(1)
                .at(1, 3)
                .with("axis -1", x -> Layouts.squeeze(x, -1))
                .at(3, 1)
                .refuses("squeeze: axis -1 of [2, 3] has not extent 1", s(2, 3));
    }
}

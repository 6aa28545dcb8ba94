package dev.canonica.autodiff.check;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A primitive's row in the table: where it is sampled, how exact it must be, what it must refuse. Rows read as sentences:
 *
 * <pre>
 *   Row.unary("Activations.log", Activations::log).domain(POSITIVE).at(7).at(2, 33)
 * </pre>
 */
public final class Row {
    private final String name;
    private final List<Sample> samples = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private Function<List<Var>, Var> f;
    private String setting = "";
    private Domain[] domains = {Domain.NORMAL};
    private Tolerance tolerance = Tolerance.PRIMITIVE;
    private boolean second = true;

    private Row(String name, Function<List<Var>, Var> f) {
        this.name = name;
        this.f = f;
    }

    /** A function of three variables. */
    @FunctionalInterface
    public interface TernaryFunction {
        /** Its value. */
        Var apply(Var x, Var y, Var z);
    }

    /** A primitive of any number of inputs. */
    public static Row of(String name, Function<List<Var>, Var> f) {
        return new Row(name, f);
    }

    /** A primitive of one input. */
    public static Row unary(String name, UnaryOperator<Var> f) {
        return of(name, v -> f.apply(v.get(0)));
    }

    /** A primitive of two inputs. */
    public static Row binary(String name, BinaryOperator<Var> f) {
        return of(name, v -> f.apply(v.get(0), v.get(1)));
    }

    /** A primitive of three inputs. */
    public static Row ternary(String name, TernaryFunction f) {
        return of(name, v -> f.apply(v.get(0), v.get(1), v.get(2)));
    }

    /** What follows is for the primitive with other settings. */
    public Row with(String newSetting, UnaryOperator<Var> newFunction) {
        return withInputs(newSetting, v -> newFunction.apply(v.get(0)));
    }

    /** As {@link #with}, for several inputs. */
    public Row withInputs(String newSetting, Function<List<Var>, Var> newFunction) {
        setting = newSetting;
        f = newFunction;
        return this;
    }

    /** What follows is sampled here, input by input; the last is that of any further inputs. */
    public Row domain(Domain... of) {
        domains = of.clone();
        return this;
    }

    /** The primitive has no second derivative, and refuses to give one. */
    public Row onlyFirst() {
        second = false;
        return this;
    }

    /** Whether the primitive has a second derivative. */
    public boolean hasSecond() {
        return second;
    }

    /** It must be this exact. */
    public Row tolerance(Tolerance of) {
        tolerance = of;
        return this;
    }

    /** A sample of one input of these extents. */
    public Row at(int... extents) {
        return at(Shape.of(extents));
    }

    /** A sample of inputs of these shapes. */
    public Row at(Shape... shapes) {
        List<Domain> each = new ArrayList<>();
        for (int i = 0; i < shapes.length; i++) {
            each.add(domains[Math.min(i, domains.length - 1)]);
        }
        samples.add(new Sample(setting, f, each, List.of(shapes)));
        return this;
    }

    /** A sample for each of these lists of shapes. */
    public Row atAll(List<Shape[]> lists) {
        lists.forEach(this::at);
        return this;
    }

    /** The primitive refuses F32 inputs of these shapes. */
    public Row refuses(String message, Shape... shapes) {
        Function<List<Var>, Var> now = f;
        return refuses(
                message,
                () -> now.apply(Arrays.stream(shapes)
                        .map(s -> Var.constant(Tensor.zeros(DType.F32, s)))
                        .toList()));
    }

    /** The primitive refuses to be differentiated at zeros, F32, of these shapes; constants it may take. */
    public Row refusesToDifferentiate(String message, Shape... shapes) {
        Function<List<Var>, Var> now = f;
        List<Tensor> zeros =
                Arrays.stream(shapes).map(s -> Tensor.zeros(DType.F32, s)).toList();
        return refuses(
                message, () -> Var.constant(Autodiff.linearize(now, zeros).value()));
    }

    /** The primitive refuses inputs of these shapes that are F32, but for the last, which is F64. */
    public Row refusesTypes(String message, Shape... shapes) {
        Function<List<Var>, Var> now = f;
        return refuses(message, () -> {
            List<Var> inputs = new ArrayList<>();
            for (int i = 0; i < shapes.length; i++) {
                inputs.add(Var.constant(Tensor.zeros(i < shapes.length - 1 ? DType.F32 : DType.F64, shapes[i])));
            }
            return now.apply(inputs);
        });
    }

    /** A call has to throw an exception with just this message, which names the operation, the shapes and what would be right. */
    public Row refuses(String message, Supplier<Var> call) {
        refusals.add(new Refusal(message, call));
        return this;
    }

    /** The method's class and name, as in {@code Activations.exp}. */
    public String name() {
        return name;
    }

    /** Where the primitive is checked. */
    public List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** What it must refuse. */
    public List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    /** How exact it must be. */
    public Tolerance tolerance() {
        return tolerance;
    }

    @Override
    public String toString() {
        return name;
    }
}

package examples;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/**
 * The derivative of a function of one's own, both ways. An arm of two links has angles θ at its joints and its hand at
 *
 * <pre>
 *   f(θ) = Σᵢ lᵢ (cos φᵢ, sin φᵢ)          φ₁ = θ₁, φ₂ = θ₁ + θ₂          l = (1, 0.5)
 * </pre>
 *
 * <p>At a pose, forwards is the velocity of the hand where the joints turn, J v, and backwards are the torques at the joints that hold a force at the hand, Jᵀ u.
 */
public final class OwnDerivative {
    private OwnDerivative() {}

    /** The hand [2] of angles [2]. */
    public static Var hand(Var angles) {
        Var links = Var.constant(Tensor.of(new double[] {1, 0.5}, 2));
        Var phi = angles.cumulativeSum(0);
        return Layouts.stack(
                0, phi.cos().times(links).sum(), phi.sin().times(links).sum());
    }

    /** A pose, its derivative both ways, and the whole derivative. */
    public static void main(String[] args) {
        Tensor angles = Tensor.of(new double[] {Math.PI / 2, -Math.PI / 2}, 2); // up, then to the right
        print("hand", Autodiff.jvp(OwnDerivative::hand, angles, direction(1, 0)).value());

        // once, for products with any number of directions: [K, 2] at a time
        Linearization f = Autodiff.linearize(OwnDerivative::hand, angles);
        print("velocity where joint 1 turns", f.push(direction(1, 0).reshape(1, 2)));
        print("torques of a weight at the hand", f.pull(direction(0, -1).reshape(1, 2))[0]);
        print("J", Autodiff.jacobian(OwnDerivative::hand, angles));

        // a function with one value has a gradient, and second derivatives
        print(
                "gradient of the height",
                Autodiff.grad((Var x) -> hand(x).slice(0, 1, 2).sum(), angles).gradient());
        print(
                "Hessian of the height",
                Autodiff.hessian(x -> hand(x).slice(0, 1, 2).sum(), angles));
    }

    private static Tensor direction(double... v) {
        return Tensor.of(v, v.length);
    }

    private static void print(String what, Tensor t) {
        double[] rounded = Arrays.stream(t.toDoubles())
                .map(v -> Math.round(v * 1e6) / 1e6 + 0.0)
                .toArray();
        System.out.println(what + " " + t.shape() + ": " + Arrays.toString(rounded));
    }
}

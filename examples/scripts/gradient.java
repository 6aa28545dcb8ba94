///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//DEPS dev.canonica:canonica-autodiff:0.2.0
//RUNTIME_OPTIONS --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/** Value and gradient of Rosenbrock's function, Σ 100 (x₂ − x₁²)² + (1 − x₁)², at the point that is given. */
class gradient {
    static Var rosenbrock(Var x) {
        Var first = x.slice(0, 0, 1);
        Var second = x.slice(0, 1, 2);
        return second.minus(first.square()).square().times(100).plus(first.negate().plus(1).square()).sum();
    }

    public static void main(String[] args) {
        Tensor x = Tensor.of(Arrays.stream(args).mapToDouble(Double::parseDouble).toArray(), args.length);
        Autodiff.Gradient g = Autodiff.grad(gradient::rosenbrock, x);
        System.out.println(g.value().item() + " " + Arrays.toString(g.gradient().toDoubles()));
    }
}

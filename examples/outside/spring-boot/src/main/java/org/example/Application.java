package org.example;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Gradients as a service. */
@SpringBootApplication
@RestController
public class Application {
    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
    }

    /** Of Σ GELU(x Wᵀ) for x of so many ones: through a product, a function of elements and their derivatives. */
    @GetMapping("/gradient")
    public float[] gradient(@RequestParam int n) {
        return Session.byDefault().withMemoryLimit(64L << 20).call(() -> {
            try (Scope _ = Scope.open()) {
                Tensor w = Tensor.normal(DType.F32, Shape.of(n, n), new Philox(1));
                Tensor b = Tensor.zeros(DType.F32, Shape.of(n));
                Tensor x = Tensor.full(DType.F32, Shape.of(1, n), 1);
                return Autodiff.grad((Var v) -> v.linear(Var.constant(w), Var.constant(b)).gelu().sum(), x)
                        .gradient()
                        .toFloats();
            }
        });
    }

    /** Bits of a vector; 0 where the module is missing. */
    @GetMapping("/vector-bits")
    public int vectorBits() {
        return Device.cpu().vectorBits();
    }
}

package examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Runs each example and reads what it prints. */
class ExamplesTest {
    @Test
    void ownPrimitive() {
        String out = printed(() -> OwnPrimitive.main(new String[0]));
        assertThat(out).contains("softplus: value and derivatives hold");
        double[] gradient = Arrays.stream(
                        out.substring(out.indexOf('[') + 1, out.indexOf(']')).split(", "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        double[] x = {-1, 0, 2};
        for (int i = 0; i < x.length; i++) {
            assertThat(gradient[i]).isCloseTo(2 * x[i] / (1 + Math.exp(-x[i] * x[i])), within(1e-14));
        }
    }

    private static String printed(Runnable example) {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            example.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}

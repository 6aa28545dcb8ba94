package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class BenchTest {
    @Test
    void printsARowAComparisonAndTheMeanOfEachPeer() {
        Outcome bench = Outcome.run("bench");
        assertThat(bench.code()).isZero();
        assertThat(bench.out())
                .contains("peers    a peer 1.2", "threads  1")
                .containsPattern("(?m)^product 4 × 4 × 4 +multiply-adds alone +0\\.5000 +0\\.4000 +0\\.80$")
                .containsPattern("(?m)^softmax +a peer +12\\.35 +98\\.77 +8\\.00$")
                .contains("multiply-adds alone: 0.80 of the peak", "a peer: 4.00 (geometric mean)");
        assertThat(bench.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void printsTheSameAsJson() throws IOException {
        JsonNode all = new ObjectMapper()
                .readTree(Outcome.run("bench", "--json", "--threads", "2").out());
        assertThat(all.get("threads").intValue()).isEqualTo(2);
        assertThat(all.get("comparisons")).hasSize(3);
        JsonNode product = all.get("comparisons").get(1);
        assertThat(product.get("gflops").doubleValue()).isEqualTo(2000, within(1e-9));
        assertThat(product.get("ratio").doubleValue()).isEqualTo(2);
        assertThat(all.get("ratios").get("a peer").doubleValue()).isEqualTo(4, within(1e-12));
    }

    /** OpenBLAS's threads wait for each other without end where they are many more than processors. */
    @Test
    void refusesMoreThreadsThanProcessors() {
        Outcome bench = Outcome.run("bench", "--threads", "100000");
        assertThat(bench.code()).isEqualTo(2);
        assertThat(bench.err())
                .contains(
                        "--threads: 100000 on so few processors",
                        "at most " + Runtime.getRuntime().availableProcessors());
    }
}

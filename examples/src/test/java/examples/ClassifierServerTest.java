package examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import dev.canonica.autodiff.Var;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.models.Probe;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.resnet.NamedResNets;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks {@link ClassifierServer}, many at once. */
class ClassifierServerTest {
    private static final int SIDE = 16;

    @TempDir
    private Path model;

    private final ResNet net = ResNet.initialised(NamedResNets.of("resnet8", 5, SIDE), 1);
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void save() {
        new ImageClassifier(net, ImageNormalization.imageNet(), List.of()).save(model);
    }

    private static HttpRequest request(HttpServer server, byte[] body) {
        URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
        return HttpRequest.newBuilder(uri)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private static Image image(int i) {
        byte[] pixels = new byte[3 * SIDE * SIDE];
        for (int p = 0; p < pixels.length; p++) {
            pixels[p] = (byte) (p * (i + 3) + 31 * i);
        }
        return new Image(3, SIDE, SIDE, pixels);
    }

    /** By hand: (v/255 − mean)/std. */
    private static Tensor normalised(Image image) {
        double[] x = new double[3 * SIDE * SIDE];
        for (int i = 0; i < x.length; i++) {
            int c = i / (SIDE * SIDE);
            double v = image.at(i / SIDE % SIDE, i % SIDE, c) / 255.0;
            x[i] = (v - ImageNormalization.imageNet().means()[c])
                    / ImageNormalization.imageNet().deviations()[c];
        }
        return Tensor.of(x, 1, 3, SIDE, SIDE).to(DType.F32);
    }

    /** Requests side by side are answered as each would be alone. */
    @Test
    void answersManyAtOnce() throws IOException {
        HttpServer server = ClassifierServer.start(model, SIDE, 0, 64L << 20);
        try {
            List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                asked.add(client.sendAsync(request(server, Png.bytes(image(i))), HttpResponse.BodyHandlers.ofString()));
            }
            for (int i = 0; i < asked.size(); i++) {
                HttpResponse<String> response = asked.get(i).join();
                assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
                double[] said = numbers(response.body());
                float[] alone = net.features(Var.constant(normalised(image(i))), Probe.OUTPUT)
                        .softmax()
                        .value()
                        .toFloats();
                assertThat(said).hasSize(5);
                assertThat(Arrays.stream(said).sum()).isCloseTo(1, within(1e-5));
                for (int c = 0; c < said.length; c++) {
                    assertThat(said[c]).isCloseTo(alone[c], within(1e-5));
                }
            }
            assertThat(asked.stream().map(r -> r.join().body()).distinct().count())
                    .isGreaterThan(20);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void refusesWhatIsNoImage() throws IOException {
        HttpServer server = ClassifierServer.start(model, SIDE, 0, 64L << 20);
        try {
            HttpResponse<String> response = client.sendAsync(
                            request(server, new byte[] {1, 2, 3}), HttpResponse.BodyHandlers.ofString())
                    .join();
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body()).startsWith("the image: ").containsOnlyOnce("\n");
        } finally {
            server.stop(0);
        }
    }

    /** A request that needs more than it may have fails alone, and the server goes on. */
    @Test
    void boundsTheMemoryOfARequest() throws IOException {
        HttpServer server = ClassifierServer.start(model, SIDE, 0, 8 << 10);
        try {
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> response = client.sendAsync(
                                request(server, Png.bytes(image(i))), HttpResponse.BodyHandlers.ofString())
                        .join();
                assertThat(response.statusCode()).isEqualTo(503);
                assertThat(response.body()).contains("8");
            }
        } finally {
            server.stop(0);
        }
    }

    private static double[] numbers(String body) {
        return Arrays.stream(body.strip().replaceAll("[\\[\\]]", "").split(", "))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }
}

package examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.image.Resize;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.OutOfTensorMemoryException;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executors;

/**
 * A classifier as a service: {@code curl --data-binary @image.png localhost:8080/} answers with the probability of each class.
 *
 * @param side of an image in pixels
 * @param memory bytes that the tensors of one request may own
 */
public record ClassifierServer(ImageClassifier net, int side, long memory) {
    /** Serves until it is stopped, four requests at a time, each of which may own so many bytes of tensors; port 0 is any that is free. */
    public static HttpServer start(Path model, int side, int port, long memory) throws IOException {
        ImageClassifier net = ImageClassifier.read(model, DType.F32);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        ClassifierServer service =
                new ClassifierServer(net.frozen(), side, memory); // what weights alone determine is computed once
        server.createContext("/", service::answer);
        server.setExecutor(
                Executors.newFixedThreadPool(4, Thread.ofPlatform().daemon().factory()));
        server.start();
        return server;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Session request = Session.byDefault().withThreads(1).withMemoryLimit(memory); // requests are side by side
            try {
                Image image = ImageFiles.read(exchange.getRequestBody(), "the image");
                reply(exchange, 200, request.call(() -> classify(image)));
            } catch (DataException | OutOfTensorMemoryException e) {
                reply(exchange, e instanceof DataException ? 400 : 503, String.valueOf(e.getMessage()));
            }
        }
    }

    private String classify(Image image) {
        try (Scope _ = Scope.open()) { // the memory of all that is made here goes back at once
            Tensor x = Resize.fit(image, side, side).toTensor();
            return Arrays.toString(net.probabilities(x).toFloats());
        }
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Serves the classifier of a folder: its folder, the side of its images, the port. */
    public static void main(String[] args) throws IOException {
        start(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]), 512L << 20);
    }
}

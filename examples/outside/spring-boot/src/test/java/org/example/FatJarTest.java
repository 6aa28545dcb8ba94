package org.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts the jar with all jars in it, as java -jar does, and asks it. */
class FatJarTest {
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");
    private static final Duration LONGEST = Duration.ofMinutes(2);

    @TempDir
    private Path temp;

    private final HttpClient client = HttpClient.newHttpClient();

    /** What the service answers when it was started with these options, and what it has written. */
    private record Answers(double[] gradient, int vectorBits, String log) {}

    private Answers answers(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", System.getProperty("jar"), "--server.port=0"));
        Path log = Files.createTempFile(temp, "log", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            int port = port(process, log);
            String gradient = get(port, "gradient?n=67");
            double[] numbers = Arrays.stream(gradient.replaceAll("[\\[\\]]", "").split(","))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            int bits = Integer.parseInt(get(port, "vector-bits"));
            return new Answers(numbers, bits, Files.readString(log));
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private static int port(Process process, Path log) throws IOException, InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (process.isAlive() && System.nanoTime() < end) {
            Matcher m = PORT.matcher(Files.readString(log));
            if (m.find()) {
                return Integer.parseInt(m.group(1));
            }
            Thread.sleep(100);
        }
        return fail("the service did not start:\n" + Files.readString(log));
    }

    private String get(int port, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/" + path))
                .timeout(LONGEST)
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(200, response.statusCode(), response.body());
        return response.body();
    }

    @Test
    void answersAlikeInEveryForm() throws IOException, InterruptedException {
        Answers plain = answers("--add-modules", "jdk.incubator.vector");
        assertEquals(67, plain.gradient.length);
        assertTrue(Arrays.stream(plain.gradient).anyMatch(g -> Math.abs(g) > 0.5));
        assertTrue(plain.vectorBits > 0);
        assertTrue(!plain.log.contains("the vector module is not there"), plain.log);
        assertTrue(!plain.log.contains("restricted method"), plain.log); // as the manifest says

        // classes that are read out of the jar within the jar, and defined anew for each function
        Answers vectors = answers("--add-modules", "jdk.incubator.vector", "-Dcanonica.kernels=vector");
        assertArrayEquals(plain.gradient, vectors.gradient, 1e-4);

        // without the flag: a warning, and the same
        Answers scalars = answers();
        assertEquals(0, scalars.vectorBits);
        assertArrayEquals(plain.gradient, scalars.gradient, 1e-4);
        assertTrue(scalars.log.contains("the vector module is not there"), scalars.log);
    }
}

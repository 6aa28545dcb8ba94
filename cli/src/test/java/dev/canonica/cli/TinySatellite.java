package dev.canonica.cli;

import dev.canonica.data.named.Satellite;
import dev.canonica.tensor.Philox;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Satellite.rda of noise and three classes, as R writes it. */
final class TinySatellite {
    private TinySatellite() {}

    static void write(Path file, long seed) throws IOException {
        int n = Satellite.LEARNED + 20;
        Philox random = new Philox(seed);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.writeBytes("RDX2\nX\n");
            ints(out, 2, 0x20401, 0x20300);
            tag(out, "Satellite");
            ints(out, 0x313, 37);
            for (int column = 0; column < 36; column++) {
                ints(out, 14, n);
                for (int i = 0; i < n; i++) {
                    out.writeDouble(Math.floor(256 * random.uniform(column * (long) n + i)));
                }
            }
            ints(out, 0x30d, n);
            for (int i = 0; i < n; i++) {
                out.writeInt(1 + i % 3);
            }
            tag(out, "levels");
            texts(out, "red soil", "cotton crop", "grey soil");
            out.writeInt(254);
            tag(out, "names");
            String[] names = new String[37];
            for (int i = 0; i < 36; i++) {
                names[i] = "x." + (i + 1);
            }
            names[36] = "classes";
            texts(out, names);
            ints(out, 254, 254);
        }
    }

    private static void ints(DataOutputStream out, int... values) throws IOException {
        for (int v : values) {
            out.writeInt(v);
        }
    }

    private static void tag(DataOutputStream out, String name) throws IOException {
        ints(out, 0x402, 1);
        text(out, name);
    }

    private static void texts(DataOutputStream out, String... texts) throws IOException {
        ints(out, 16, texts.length);
        for (String text : texts) {
            text(out, text);
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ints(out, 0x40009, utf8.length);
        out.write(utf8);
    }
}

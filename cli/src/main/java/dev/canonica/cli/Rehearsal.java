package dev.canonica.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs short commands one after the other in one process: the launcher archives the classes that they load, with which commands start sooner. */
final class Rehearsal {
    private Rehearsal() {}

    /** Prints what the commands print. */
    public static void main(String[] args) throws IOException {
        Path image = Files.createTempFile("rehearsal", ".png");
        try {
            commands(image).forEach(command -> Canonica.execute(command.toArray(String[]::new)));
        } finally {
            Files.delete(image);
        }
    }

    /** One that computes nothing, and the smallest that runs a network. */
    static List<List<String>> commands(Path image) {
        return List.of(
                List.of("info"),
                List.of("sample", "--classes=0", "--count=1", "--steps=2", "--guidance=1", "--out=" + image));
    }
}

package dev.canonica.cli.option;

import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.CanonicaException;
import java.nio.file.Path;

/** Lines on standard error about how a model's weights were found in their file. */
public final class WeightNotes {
    private WeightNotes() {}

    /** Says what there is to say; nothing where the file holds the tensors and nothing else, under their own names. */
    public static void say(Path model) {
        ModelDirectory.notes(model).forEach(note -> System.err.println("canonica: " + CanonicaException.shown(note)));
    }
}

package dev.canonica.learning;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.Safetensors;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a training is: everything that going on with the same bits needs, and the settings that it was begun with. It is one safetensors file, and writing
 * that is the one point at which steps count as done; whatever else a run leaves is made from it.
 *
 * @param tensors those of the trainer, and those of the log
 * @param settings which a run that goes on must have
 * @param changeable which it may change
 */
record TrainingState(Map<String, Tensor> tensors, Settings settings, Settings changeable) {
    /** What follows from a state that cannot be read. */
    static final String LOST =
            "the training cannot be gone on with: give another folder, or delete this file to begin anew";

    private static final String FORMAT = "format";
    private static final String VERSION = "canonica training 1";
    private static final String SETTING = "setting/";
    private static final String CHANGEABLE = "changeable/";

    /**
     * Writes it, moved into place when complete.
     *
     * @throws FormatException if it cannot be written
     */
    void write(Path file) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(FORMAT, VERSION);
        SettingTexts.of(settings).forEach((name, text) -> metadata.put(SETTING + name, text));
        SettingTexts.of(changeable).forEach((name, text) -> metadata.put(CHANGEABLE + name, text));
        Safetensors.write(file, tensors, metadata);
    }

    /** The settings in a file, whose tensors are not read. */
    static TrainingState settings(Path file) {
        Map<String, String> metadata = header(file).metadata();
        if (!VERSION.equals(metadata.get(FORMAT))) {
            throw new TrainingException(
                    file + ": not a training that can be gone on with: it does not say the settings that it was"
                            + " begun with, as those of older versions do not; give another folder, and begin from the model here if it"
                            + " is to go on from that");
        }
        try {
            return new TrainingState(Map.of(), part(SETTING, metadata), part(CHANGEABLE, metadata));
        } catch (TrainingException e) {
            throw new TrainingException(file + ": " + e.getMessage(), e);
        }
    }

    private static Safetensors.Header header(Path file) {
        try {
            return Safetensors.list(file);
        } catch (FormatException e) {
            throw new TrainingException(e.getMessage() + "; " + LOST, e);
        }
    }

    private static Settings part(String prefix, Map<String, String> metadata) {
        Map<String, String> part = new LinkedHashMap<>();
        metadata.forEach((name, text) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), text);
            }
        });
        return SettingTexts.parse(part);
    }
}

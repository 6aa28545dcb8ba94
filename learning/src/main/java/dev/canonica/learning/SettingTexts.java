package dev.canonica.learning;

import dev.canonica.tensor.io.Settings;
import java.util.LinkedHashMap;
import java.util.Map;

/** Settings as the metadata of a training's state has them: texts, each value after a letter that says its kind. */
final class SettingTexts {
    private SettingTexts() {}

    /** The settings as texts, which {@link #parse} reads. */
    static Map<String, String> of(Settings settings) {
        Map<String, String> texts = new LinkedHashMap<>();
        settings.values().forEach((name, value) -> texts.put(name, text(name, value)));
        return texts;
    }

    private static String text(String name, Object value) {
        return switch (value) {
            case Boolean b -> "b:" + b;
            case Long l -> "i:" + l;
            case Double d -> "r:" + d;
            case String s -> "t:" + s;
            default ->
                throw new IllegalArgumentException("setting '" + name + "': a training has no setting that is a "
                        + value.getClass().getSimpleName());
        };
    }

    /**
     * Reads what {@link #of} gives.
     *
     * @throws TrainingException if a text is none of these
     */
    static Settings parse(Map<String, String> texts) {
        Map<String, Object> values = new LinkedHashMap<>();
        texts.forEach((name, text) -> values.put(name, parse(name, text)));
        return Settings.of(values);
    }

    private static Object parse(String name, String text) {
        String value = text.substring(Math.min(2, text.length()));
        try {
            return switch (text.substring(0, Math.min(2, text.length()))) {
                case "b:" -> Boolean.valueOf(value);
                case "i:" -> Long.valueOf(value);
                case "r:" -> Double.valueOf(value);
                case "t:" -> value;
                default -> throw new TrainingException("setting '" + name + "' is '" + text + "', no value");
            };
        } catch (NumberFormatException e) {
            throw new TrainingException("setting '" + name + "' is '" + text + "', no value", e);
        }
    }
}

package dev.canonica.cli.item;

import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Numbers;
import dev.canonica.cli.terminal.Misuse;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which items of {@code canonica run} an option has an effect on, where that is not all of them. */
public final class ItemOptions {
    private static final String DIFFUSERS = "diffusers";

    /** Items as they are written, by their first words. */
    private static final List<String> FORMS = List.of(
            "forward",
            "features:LAYER",
            "jvp:LAYER",
            "vjp:LAYER",
            "svd:LAYER:N",
            "grad",
            "text",
            "encode",
            "decode",
            "invert",
            "sample",
            "clarep",
            "clarep:LAYER",
            "clarep:LAYER:N");

    private static final Map<String, List<String>> ITEMS = new LinkedHashMap<>();

    static {
        on(
                List.of("invert", "sample", "clarep"),
                "--schedule",
                "--beta-start",
                "--beta-end",
                "--train-steps",
                "--prediction",
                "--steps",
                "--spacing",
                "--steps-offset",
                "--set-alpha-to-one",
                "--te");
        on(List.of("sample", "clarep"), "--guidance", "--guidance-channels", "--null-class");
        on(List.of("invert", "clarep"), "--inversion");
        on(List.of("svd", "clarep"), "--tolerance", "--sweeps", "--oversample", "--seed");
        on(
                List.of("clarep"),
                "--k",
                "--projection",
                "--strength",
                "--weight",
                "--selection",
                "--map",
                "--map-signals",
                "--map-noises",
                "--map-classes",
                "--map-blur",
                "--map-percentile",
                "--map-floor",
                "--map-colour",
                "--replace",
                "--restore-norm");
    }

    private ItemOptions() {}

    private static boolean matches(String[] form, String[] parts) {
        return form[0].equals(parts[0])
                && form.length == parts.length
                && (form.length < 3 || Numbers.count(parts[2]).isPresent());
    }

    private static void on(List<String> items, String... options) {
        for (String option : options) {
            ITEMS.put(option, items);
        }
    }

    /** Whether an item begins at t_e, which a model's own setting of the method may say. */
    public static boolean isOfTheMethod(String item) {
        return item.equals("invert") || item.split(":", -1)[0].equals("clarep");
    }

    /** Whether an item names a number of directions. */
    public static boolean isCounted(String item) {
        String[] parts = item.split(":", -1);
        return parts[0].equals("clarep") && parts.length == 3;
    }

    /** Refuses two items whose arrays would have the same names: those of one alone would be in the file. */
    private static void checkNames(List<String> items) {
        Map<String, String> seen = new LinkedHashMap<>();
        for (String item : items) {
            String[] parts = item.split(":", -1);
            String names = switch (parts[0]) {
                case "clarep" -> "clarep";
                case "svd" -> "svd:" + parts[1];
                default -> item;
            };
            String before = seen.put(names, item);
            if (before != null) {
                throw new Misuse(
                        "--compute: '%s' and '%s': their arrays have the same names; one of them in a run is needed"
                                .formatted(before, item));
            }
        }
    }

    /**
     * Refuses options that were given and that none of the items heeds.
     *
     * @throws Misuse likewise of what is no item: the N of one that passes is an {@code int} above 0
     */
    public static void check(GivenOptions given, List<String> items, String inversion) {
        for (String item : items) {
            String[] parts = item.split(":", -1);
            if (FORMS.stream().noneMatch(form -> matches(form.split(":", -1), parts))) {
                throw Misuse.choice("--compute", item, FORMS);
            }
        }
        checkNames(items);
        Set<String> kinds =
                items.stream().map(item -> item.split(":", -1)[0]).collect(Collectors.toCollection(LinkedHashSet::new));
        ITEMS.forEach((option, users) -> {
            if (users.stream().noneMatch(kinds::contains)) {
                given.refuse("it is for " + String.join(", ", users), option);
            }
        });
        if (kinds.contains("invert")
                && !inversion.equals(DIFFUSERS)
                && !kinds.contains("sample")
                && !kinds.contains("clarep")) {
            given.refuse("this inversion begins at the first timestep", "--set-alpha-to-one");
        }
    }
}

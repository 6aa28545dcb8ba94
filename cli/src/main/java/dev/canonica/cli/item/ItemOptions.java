package dev.canonica.cli.item;

import dev.canonica.cli.option.GivenOptions;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which items of {@code canonica run} an option has an effect on, where that is not all of them. */
public final class ItemOptions {
    private static final String DIFFUSERS = "diffusers";

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
                "--map-signals",
                "--map-noises",
                "--map-classes",
                "--map-blur",
                "--map-percentile",
                "--replace",
                "--restore-norm");
    }

    private ItemOptions() {}

    private static void on(List<String> items, String... options) {
        for (String option : options) {
            ITEMS.put(option, items);
        }
    }

    /** Refuses options that were given and that none of the items heeds. */
    public static void check(GivenOptions given, List<String> items, String inversion) {
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

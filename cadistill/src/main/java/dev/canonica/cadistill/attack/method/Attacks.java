package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Attack;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The attacks by their names, and what settings each has. */
public final class Attacks {
    /** The sequence of AutoAttack (Croce &amp; Hein 2020), each on the images that are still robust. */
    public static final String STANDARD = "standard";

    /** Settings by the names of their options. */
    private enum Setting {
        STEPS("steps"),
        STEP_SIZE("step-size"),
        RESTARTS("restarts"),
        TARGETS("targets"),
        QUERIES("queries"),
        UNTIL_BROKEN("until-broken");

        private final String option;

        Setting(String option) {
            this.option = option;
        }
    }

    /** Attacks whose first run begins at the image, or a step from it; their further ones, and those of all others, begin at random. */
    private static final Set<String> FROM_THE_IMAGE = Set.of("fgsm", "pgd", "fab-t");

    private record Entry(Function<AttackSettings, Attack> make, Set<Setting> settings) {}

    private static final Map<String, Entry> ALL = new LinkedHashMap<>();

    static {
        add("fgsm", s -> new Fgsm());
        add(
                "pgd",
                s -> new Pgd(s.steps().orElse(Pgd.STEPS), s.stepSize(), restarts(s)),
                Setting.STEPS,
                Setting.STEP_SIZE,
                Setting.RESTARTS);
        add(
                "apgd-ce",
                s -> Apgd.crossEntropy(run(s), restarts(s)),
                Setting.STEPS,
                Setting.RESTARTS,
                Setting.UNTIL_BROKEN);
        add("apgd-dlr", s -> Apgd.dlr(run(s), restarts(s)), Setting.STEPS, Setting.RESTARTS, Setting.UNTIL_BROKEN);
        add(
                "apgd-t",
                s -> new ApgdTargeted(run(s), s.targets().orElse(ApgdTargeted.TARGETS), restarts(s)),
                Setting.STEPS,
                Setting.RESTARTS,
                Setting.TARGETS,
                Setting.UNTIL_BROKEN);
        add(
                "fab-t",
                s -> new FabTargeted(
                        s.steps().orElse(FabTargeted.STEPS),
                        s.targets().orElse(FabTargeted.TARGETS),
                        restarts(s),
                        s.untilBroken()),
                Setting.STEPS,
                Setting.RESTARTS,
                Setting.TARGETS,
                Setting.UNTIL_BROKEN);
        add(
                "square",
                s -> new Square(s.queries().orElse(Square.QUERIES), restarts(s)),
                Setting.QUERIES,
                Setting.RESTARTS);
    }

    private Attacks() {}

    private static void add(String name, Function<AttackSettings, Attack> make, Setting... settings) {
        ALL.put(name, new Entry(make, Set.of(settings)));
    }

    private static int restarts(AttackSettings s) {
        return s.restarts().orElse(1);
    }

    private static ApgdRun.Settings run(AttackSettings s) {
        return new ApgdRun.Settings(s.steps().orElse(ApgdRun.STEPS), s.untilBroken());
    }

    /** All names, {@link #STANDARD} last. */
    public static List<String> names() {
        List<String> names = new ArrayList<>(ALL.keySet());
        names.add(STANDARD);
        return List.copyOf(names);
    }

    /** The attacks that a name stands for: itself, or the sequence. */
    public static List<String> sequence(String name) {
        return name.equals(STANDARD) ? List.of("apgd-ce", "apgd-t", "fab-t", "square") : List.of(name);
    }

    /**
     * Whether a setting, by the name of its option such as {@code step-size}, makes a difference to an attack.
     *
     * @param name one of {@link #names}
     */
    public static boolean uses(String name, String option) {
        return sequence(name).stream()
                .map(Attacks::entry)
                .flatMap(e -> e.settings().stream())
                .anyMatch(s -> s.option.equals(option));
    }

    /**
     * Whether an attack draws anything at random, so that the seed makes a difference to it.
     *
     * @param name one of {@link #names}
     */
    public static boolean draws(String name, AttackSettings settings) {
        return sequence(name).stream()
                .anyMatch(n -> !FROM_THE_IMAGE.contains(n)
                        || entry(n).settings().contains(Setting.RESTARTS) && restarts(settings) > 1);
    }

    /**
     * An attack.
     *
     * @param name one of {@link #names} but {@link #STANDARD}
     * @throws IllegalArgumentException if there is none of this name
     */
    public static Attack of(String name, AttackSettings settings) {
        return entry(name).make().apply(settings);
    }

    /**
     * Refuses an attack that is not made for so many classes.
     *
     * @param name one of {@link #names}
     * @throws dev.canonica.cadistill.attack.AttackException that says what to use instead
     */
    public static void check(String name, AttackSettings settings, int classes) {
        sequence(name).forEach(n -> of(n, settings).check(classes));
    }

    private static Entry entry(String name) {
        Entry entry = ALL.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("attack: '" + name + "' is not one of " + String.join(", ", names()));
        }
        return entry;
    }
}

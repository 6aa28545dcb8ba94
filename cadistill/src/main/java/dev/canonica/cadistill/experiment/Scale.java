package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.models.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How large an experiment is.
 *
 * @param id the name of the scale that it began from
 * @param images that students learn from
 * @param companions how many of them have some
 * @param tested images of each test set
 * @param attacked how many of these are corrupted and attacked, too
 * @param attack the name of the attack
 * @param epochs of every student
 * @param batch images in a step
 * @param seeds students of each kind
 * @param subjects which images
 * @param samplerSteps of the teacher's sampler
 * @param rank directions that are computed of each image
 * @param width planes of the student's first stage
 * @param kinds the kinds of students, by name; the first is that against which the others are compared
 */
public record Scale(
        String id,
        int images,
        int companions,
        int tested,
        int attacked,
        String attack,
        int epochs,
        int batch,
        int seeds,
        List<Subject> subjects,
        int samplerSteps,
        int rank,
        int width,
        List<String> kinds) {
    /** The share of the images that has companions, as in the paper. */
    private static final int SHARE = 10;

    /** All of it within minutes, as a test of itself; its numbers say nothing. */
    public static final Scale TINY =
            new Scale("tiny", 200, 20, 100, 10, "pgd", 1, 25, 2, scenes(0.95), 6, 1, 4, names(Arm.main()));

    /** A first look. */
    public static final Scale SMALL =
            new Scale("small", 4000, 400, 2000, 200, "pgd", 10, 50, 3, scenes(0.95), 50, 2, 16, names(Arm.main()));

    /** What conclusions are drawn from. */
    public static final Scale FULL = new Scale(
            "full",
            20000,
            2000,
            10000,
            1000,
            "standard",
            30,
            64,
            5,
            scenes(0.9, 0.95, 0.99),
            50,
            2,
            16,
            names(Arm.all()));

    private static final List<Scale> ALL = List.of(TINY, SMALL, FULL);

    /**
     * Checks that there is a batch of images and one of all else, that all subjects are of one set of images, and that the arms can be made of it, the
     * vanilla one among them.
     */
    public Scale {
        subjects = List.copyOf(subjects);
        kinds = List.copyOf(kinds);
        if (images < batch || companions < 1 || tested < 1 || epochs < 1 || seeds < 1) {
            throw new ModelException(
                    "experiment: %d images (of a batch of %d at least), %d with companions, %d tested, %d epochs, %d seeds"
                            .formatted(images, batch, companions, tested, epochs, seeds));
        }
        twice("experiment", subjects.stream().map(Subject::title).toList());
        twice("students", kinds);
        if (subjects.stream().map(Subject::data).distinct().count() != 1) {
            throw new ModelException("experiment: one set of images is needed, not "
                    + subjects.stream().map(Subject::title).toList());
        }
        List<String> possible = possible(subjects);
        kinds.stream().map(Arm::named).map(Arm::name).forEach(kind -> {
            if (!possible.contains(kind)) {
                throw new ModelException(
                        "students: '%s' needs the masks of objects, which only scenes have".formatted(kind));
            }
        });
        if (!kinds.contains(Arm.VANILLA.name())) {
            throw new ModelException(
                    "experiment: among the students have to be vanilla ones, which the others are compared with");
        }
    }

    private static void twice(String what, List<String> names) {
        names.stream()
                .filter(name -> Collections.frequency(names, name) > 1)
                .findFirst()
                .ifPresent(name -> {
                    throw new ModelException("%s: '%s' is named twice".formatted(what, name));
                });
    }

    /** Scenes with confounders of these strengths. */
    public static List<Subject> scenes(double... rhos) {
        return Arrays.stream(rhos).<Subject>mapToObj(Subject.Scenes::new).toList();
    }

    private static List<String> names(List<Arm> arms) {
        return arms.stream().map(Arm::name).toList();
    }

    /** The names of all kinds of students. */
    public static List<String> allKinds() {
        return names(Arm.all());
    }

    /** The names of those kinds that there can be on some images: all, but where masks are not known. */
    public static List<String> possible(List<Subject> subjects) {
        boolean masks = subjects.stream().allMatch(Subject::masks);
        return names(Arm.all().stream().filter(a -> masks || !a.asksMasks()).toList());
    }

    /** The names of the scales. */
    public static List<String> ids() {
        return ALL.stream().map(Scale::id).toList();
    }

    /**
     * The scale of a name.
     *
     * @throws ModelException if there is none
     */
    public static Scale named(String id) {
        return named(ALL, Scale::id, id);
    }

    /** Of the scales of any experiment that of a name. */
    static <S> S named(List<S> all, Function<S, String> name, String id) {
        return all.stream()
                .filter(scale -> name.apply(scale).equals(id))
                .findFirst()
                .orElseThrow(() -> new ModelException("scale: '%s' is not one of %s"
                        .formatted(id, all.stream().map(name).collect(Collectors.joining(", ")))));
    }

    /** The same of other images, a tenth of which have companions. */
    public Scale ofImages(int learned, int measured) {
        return with(learned, Math.max(1, learned / SHARE), measured, epochs, seeds, subjects, kinds);
    }

    /** The same of other students. */
    public Scale ofStudents(int times, int each, List<String> names) {
        return with(images, companions, tested, times, each, subjects, names);
    }

    /** The same on other images, without the kinds of students that need masks where there are none. */
    public Scale on(List<Subject> others) {
        List<String> left = kinds.stream().filter(possible(others)::contains).toList();
        return with(images, companions, tested, epochs, seeds, others, left);
    }

    private Scale with(
            int learned, int paired, int measured, int times, int each, List<Subject> others, List<String> names) {
        return new Scale(
                id,
                learned,
                paired,
                measured,
                attacked,
                attack,
                times,
                batch,
                each,
                others,
                samplerSteps,
                rank,
                width,
                names);
    }

    /** The name of the set of images. */
    String data() {
        return subjects.getFirst().data();
    }

    /** Strengths of the confounder, where one is known. */
    List<Double> rhos() {
        return subjects.stream().flatMap(s -> s.rho().stream().boxed()).toList();
    }

    List<Arm> arms() {
        List<Arm> arms = new ArrayList<>(List.of(Arm.VANILLA));
        kinds.stream().map(Arm::named).filter(a -> !a.equals(Arm.VANILLA)).forEach(arms::add);
        return arms;
    }

    /** Whether there are students that learn from what the diffusion model made. */
    public boolean asksTeacher() {
        return arms().stream().anyMatch(a -> a.companions().isPresent());
    }

    /** The width of a teacher that is trained: that of the shipped model, but where nothing is to be concluded. */
    int teacherWidth() {
        return id.equals(TINY.id) ? 24 : 192;
    }

    /** How many of the images of a test are corrupted and attacked: its first. */
    int attackedImages() {
        return Math.min(attacked, tested);
    }

    /** Pairs in a step. */
    int pairs() {
        return StudentTraining.pairsBeside(batch);
    }

    /** The share of the images that has companions. */
    double share() {
        return (double) companions / images;
    }
}

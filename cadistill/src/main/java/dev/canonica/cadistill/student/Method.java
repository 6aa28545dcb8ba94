package dev.canonica.cadistill.student;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a student learns from, beside the labels of its images. */
public enum Method {
    /** Nothing. */
    VANILLA("vanilla", null, "classification"),
    /** Canonical samples and features (arXiv 2506.09955, Section 5). */
    CADISTILL("cadistill", FeatureForm.MEAN, "classification", "canonical", "alignment", "distance"),
    /** The teacher's features of the images, by a learned linear map (Romero et al., 2015). */
    FITNET("fitnet", FeatureForm.MEAN, "classification", "hint"),
    /** Where the teacher's features of the images are strong (Zagoruyko &amp; Komodakis 2017). */
    AT("at", FeatureForm.MAP, "classification", "attention"),
    /** How the teacher's features of the images lie to each other (Park et al., 2019). */
    RKD("rkd", FeatureForm.MEAN, "classification", "relation"),
    /** The softened answers of a classifier (Hinton et al., 2015). */
    KD("kd", null, "classification", "softened"),
    /** As cadistill, of samples by classifier-free guidance instead of canonical ones. */
    CFG("cfg", FeatureForm.MEAN, "classification", "canonical", "alignment", "distance"),
    /** Images attacked by projected gradient descent (Madry et al., 2018). */
    PGD_AT("pgd-at", null, "classification"),
    /** The images, and answers that an attack does not change (TRADES: Zhang et al., 2019). */
    TRADES("trades", null, "classification", "robustness");

    private final String id;
    private final Optional<FeatureForm> form;
    private final List<String> terms;

    Method(String id, @Nullable FeatureForm form, String... terms) {
        this.id = id;
        this.form = Optional.ofNullable(form);
        this.terms = List.of(terms);
    }

    /** Its name on command lines. */
    public String id() {
        return id;
    }

    /** The terms of its loss, as they are logged. */
    public List<String> terms() {
        return terms;
    }

    /** Whether pairs of an image and what a diffusion model made of it are needed. */
    public boolean paired() {
        return form.isPresent();
    }

    /** The form of the teacher's features that is usual for it; empty where none are needed. */
    public Optional<FeatureForm> form() {
        return form;
    }

    /** Whether what is learned from is made from CLAReps or their like, and not the teacher's features of the images themselves. */
    public boolean canonical() {
        return this == CADISTILL || this == CFG;
    }

    /** Whether images are attacked while it learns. */
    public boolean adversarial() {
        return this == PGD_AT || this == TRADES;
    }

    /**
     * Images that go through the student in a step, apart from the steps of an attack: all of them have a part in the statistics of batch normalisation, whatever the
     * weights of the losses are.
     *
     * @param batch images of the set
     * @param pairs images with companions
     */
    public int imagesInStep(int batch, int pairs) {
        if (canonical()) {
            return batch + 2 * pairs;
        }
        return paired() ? batch + pairs : this == TRADES ? 2 * batch : batch;
    }

    /** The names. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(Method::id).toList();
    }

    /**
     * The method of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Method named(String id) {
        return Arrays.stream(values())
                .filter(m -> m.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "method: '%s' is not one of %s".formatted(id, String.join(", ", ids()))));
    }
}

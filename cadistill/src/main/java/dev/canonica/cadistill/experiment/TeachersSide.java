package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.StoredExtraction;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.study.Extraction;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.models.training.TrainingData;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** The teacher's side of the students of one subject: the teacher itself and its extractions, each made when a student first needs it. */
final class TeachersSide {
    private static final int BATCH = 25;

    private final Scale scale;
    private final Teacher teacher;
    private final Function<String, ImageSet> sets;
    private final TrainingData images;
    private final Subject subject;
    private final Path folder;
    private final Consumer<String> told;
    private final Map<Teaching, StoredExtraction> made = new HashMap<>();
    private boolean trained;

    /**
     * That of some students.
     *
     * @param sets opens a set by its name
     * @param images what the students learn from
     * @param folder where extractions, and a teacher that is trained, are kept
     * @param told of each thing that is begun
     */
    TeachersSide(
            Scale scale,
            Teacher teacher,
            Function<String, ImageSet> sets,
            TrainingData images,
            Subject subject,
            Path folder,
            Consumer<String> told) {
        this.scale = scale;
        this.teacher = teacher;
        this.sets = sets;
        this.images = images;
        this.subject = subject;
        this.folder = folder;
        this.told = told;
    }

    /** The extraction that a kind of student learns from. */
    StoredExtraction of(Teaching teaching) {
        StoredExtraction stored = made.get(teaching);
        if (stored == null) {
            stored = extract(teaching);
            made.put(teaching, stored);
        }
        return stored;
    }

    /**
     * Refuses a model that cannot teach, before anything is done.
     *
     * @param images what students learn from
     * @throws ModelException if it is no class-conditional diffusion model of such images, or has none of the layers that are asked for
     */
    static void check(Path folder, Scale scale, ImageSet images) {
        DenoisingModel model = SmallImages.model(folder);
        if (!model.accepts(images.shape())) {
            throw new ModelException("%s: a model of images %s; those of %s are %s"
                    .formatted(folder, model.acceptedShapes(), images.name(), images.shape()));
        }
        ModelSamplers.of(folder, model, scale.samplerSteps());
        scale.arms().stream()
                .filter(arm -> arm.companions().isPresent())
                .map(arm -> arm.teaching().layer())
                .filter(layer -> !model.layers().contains(layer))
                .findFirst()
                .ifPresent(layer -> {
                    throw new ModelException(
                            "%s: has no layer '%s', which students are to learn from".formatted(folder, layer));
                });
    }

    /** The teacher's folder; trains it first where it is to learn from the students' images. */
    private Path model() {
        Optional<Path> there = teacher.folder();
        if (there.isPresent()) {
            return there.get();
        }
        Path own = folder.resolve("teacher");
        if (!trained && teacher instanceof Teacher.OfStudentsImages(long count)) {
            told.accept("%s: a teacher of %d images".formatted(subject.title(), count));
            DitTraining.run(images, count, scale.teacherWidth(), subject.mirrored(), own);
            trained = true;
        }
        return own;
    }

    /** Of the first images of the set, as many as have companions. */
    private StoredExtraction extract(Teaching teaching) {
        int count = teaching.everyImage() ? scale.images() : scale.companions();
        Path at = model();
        told.accept("%s: canonical samples of %d images (%s)".formatted(subject.title(), count, teaching.folder()));
        DenoisingModel model = SmallImages.model(at);
        Sampler sampler = ModelSamplers.of(at, model, scale.samplerSteps());
        CanonicalExtraction method = new CanonicalExtraction(
                model,
                sampler,
                sampler.at(SmallImages.TE),
                DdimSampler.Inversion.GUIDED,
                teaching.layer(),
                SmallImages.svd(teaching.rank(scale.rank())));
        CanonicalPipeline pipeline = new CanonicalPipeline(
                method,
                teaching.projection(),
                teaching.k(),
                Guidance.NONE,
                Optional.of(
                        CanonicalPipeline.FeaturePoint.of(teaching.layer(), sampler, SmallImages.TR, SmallImages.TE)));
        Path kept = folder.resolve(teaching.folder());
        try (ImageSet some = subject.learned(sets, count)) {
            Map<String, String> description = new LinkedHashMap<>();
            description.put("model", at.toString());
            description.put(ExtractionSettings.WEIGHTS, ModelDigest.of(at));
            new Extraction(
                            new ExtractionSettings(
                                    pipeline,
                                    BATCH,
                                    LatentCodec.IMAGES,
                                    Conditions.classesOf(model),
                                    some::label,
                                    description),
                            some,
                            count,
                            kept)
                    .run(done -> told.accept("%s: %d of %d images".formatted(subject.title(), done, count)));
        }
        return StoredExtraction.open(kept);
    }
}

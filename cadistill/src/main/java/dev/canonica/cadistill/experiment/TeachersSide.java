package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.StoredExtraction;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.study.Extraction;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
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

/** The teacher's side of the students of one strength of the confounder: the teacher itself and its extractions, each made when a student first needs it. */
final class TeachersSide {
    private static final int BATCH = 25;

    private final Scale scale;
    private final Teacher teacher;
    private final Function<String, ImageSet> sets;
    private final TrainingData images;
    private final double rho;
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
            double rho,
            Path folder,
            Consumer<String> told) {
        this.scale = scale;
        this.teacher = teacher;
        this.sets = sets;
        this.images = images;
        this.rho = rho;
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

    /** The teacher's folder; trains it first where it is to learn from the students' images. */
    private Path model() {
        if (teacher instanceof Teacher.Given(Path given)) {
            return given;
        }
        Path own = folder.resolve("teacher");
        if (!trained && teacher instanceof Teacher.OfStudentsImages(long count)) {
            told.accept("rho %s: a teacher of %d images".formatted(rho, count));
            TeacherTraining.run(images, count, scale.teacherWidth(), own);
            trained = true;
        }
        return own;
    }

    /** Of the first images of the set, as many as have companions. */
    private StoredExtraction extract(Teaching teaching) {
        int count = teaching.everyImage() ? scale.images() : scale.companions();
        Path at = model();
        told.accept("rho %s: canonical samples of %d images (%s)".formatted(rho, count, teaching.folder()));
        DenoisingModel model = OnScenes.model(at);
        Sampler sampler = ModelSamplers.of(at, model, scale.samplerSteps());
        CanonicalExtraction method = new CanonicalExtraction(
                model,
                sampler,
                sampler.at(OnScenes.TE),
                DdimSampler.Inversion.GUIDED,
                teaching.layer(),
                OnScenes.svd(teaching.rank(scale.rank())));
        CanonicalPipeline pipeline = new CanonicalPipeline(
                method,
                teaching.projection(),
                teaching.k(),
                Guidance.NONE,
                Optional.of(CanonicalPipeline.FeaturePoint.of(teaching.layer(), sampler, OnScenes.TR, OnScenes.TE)));
        Path kept = folder.resolve(teaching.folder());
        try (ImageSet some = sets.apply("scenes:biased-train?rho=%s&size=%d".formatted(rho, count))) {
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
                    .run(done -> told.accept("rho %s: %d of %d images".formatted(rho, done, count)));
        }
        return StoredExtraction.open(kept);
    }
}

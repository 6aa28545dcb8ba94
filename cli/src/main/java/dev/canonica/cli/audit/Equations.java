package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.ErrorKind;
import java.util.List;
import java.util.Set;

/**
 * The equations of the method in the order of its computation, and those by which it is judged: where each is stated and computed, and what holds it. What they say, and the papers that
 * they are from, stand in the Javadoc of their places.
 */
public final class Equations {
    private static final String DERIVATIVES = "Derivatives";
    private static final String DIFFUSION = "Diffusion";
    private static final String CLARID = "CLARID";
    private static final String MEASURES = "Measures";
    private static final String STUDENTS = "CaDistill and other losses";
    private static final String ATTACKS = "Attacks";
    private static final String EVALUATION = "Evaluation";

    private static final String GOLDEN_ATTACK = "cli/src/test/java/dev/canonica/cli/AttackGoldenTest.java";
    private static final String AUTODIFF = "autodiff/src/test/java/dev/canonica/autodiff/";
    private static final String SAMPLERS = "models/src/test/java/dev/canonica/models/diffusion/";
    private static final String METHOD = "clarid/src/test/java/dev/canonica/clarid/";
    private static final String METRICS = METHOD + "metrics/";
    private static final String STATISTICS = METHOD + "statistics/";
    private static final String CORRUPTIONS = "data/src/test/java/dev/canonica/data/corruption/";
    private static final String EVALUATIONS = "cadistill/src/test/java/dev/canonica/cadistill/evaluate/";
    private static final String LOSSES = "cadistill/src/test/java/dev/canonica/cadistill/loss/";

    private static final List<String> DITS = List.of("dit_pixel", "dit_latent", "dit_diffusers");
    private static final List<String> CLAREPS = List.of("dit_pixel_clarid", "dit_latent_clarid", "sit_clarid");

    private Equations() {}

    /** All of them. */
    public static List<Equation> all() {
        return List.of(
                of(DERIVATIVES, "JVP: push", "autodiff", "LinearMap#push")
                        .measuredBy(ErrorKind.PUSH, ErrorKind.PUSH_DIFFERENCE)
                        .heldBy(AUTODIFF + "LinearizationTest.java", Primitive.TEST)
                        .on(DITS),
                of(DERIVATIVES, "VJP: pull", "autodiff", "LinearMap#pull")
                        .measuredBy(ErrorKind.PULL, ErrorKind.PULL_DIFFERENCE, ErrorKind.ADJOINT_F64)
                        .heldBy(AUTODIFF + "LinearizationTest.java", Primitive.TEST)
                        .on(DITS),
                of(DERIVATIVES, "The chain rule", "autodiff", "Trace")
                        .heldBy(AUTODIFF + "LinearizationTest.java", GoldenTests.MODELS)
                        .on(DITS),
                of(DERIVATIVES, "Second derivatives", "autodiff", "Linearization#hessianPush")
                        .measuredBy(ErrorKind.SECOND, ErrorKind.SECOND_DIFFERENCE, ErrorKind.SYMMETRY_F64)
                        .heldBy(AUTODIFF + "JacobiansTest.java"),
                of(DIFFUSION, "The forward process", "models", "diffusion.NoiseSchedule")
                        .heldBy(SAMPLERS + "GoldenSchedulesTest.java")
                        .on("schedules"),
                of(DIFFUSION, "The cosine schedule", "models", "diffusion.NoiseSchedule#squaredCosine")
                        .heldBy(SAMPLERS + "GoldenSchedulesTest.java")
                        .on("schedules"),
                of(DIFFUSION, "What the network predicts", "models", "diffusion.Prediction#coefficients")
                        .heldBy(SAMPLERS + "GoldenSchedulesTest.java")
                        .on("schedules"),
                of(DIFFUSION, "A step of DDIM, either way", "models", "diffusion.Prediction#step")
                        .heldBy(SAMPLERS + "GoldenSchedulesTest.java", SAMPLERS + "DdimGaussianTest.java")
                        .on("schedules", "dit_pixel_sample", "dit_latent_sample", "sd21_sample"),
                of(DIFFUSION, "DDIM inversion and sampling: F_inv, F_dec", "models", "diffusion.DdimSampler")
                        .heldBy(SAMPLERS + "DdimRoundTripTest.java", GoldenTests.MODELS)
                        .on("dit_pixel_clarid", "dit_latent_clarid", "sd21_invert", "sd21_sample"),
                of(DIFFUSION, "Classifier-free guidance", "models", "diffusion.GuidedDenoiser")
                        .heldBy(GoldenTests.MODELS)
                        .on("dit_pixel_guided", "dit_latent_guided", "sit_guided", "sd21_sample"),
                of(DIFFUSION, "The equation of a flow", "models", "diffusion.FlowSampler")
                        .heldBy(SAMPLERS + "FlowSamplerTest.java", GoldenTests.MODELS)
                        .on("sit_sample", "sit_sample_full", "sit_clarid"),
                of(DIFFUSION, "The training objective", "models", "training.DiffusionObjective")
                        .heldBy("models/src/test/java/dev/canonica/models/training/DiffusionTrainingTest.java"),
                of(CLARID, "Canonical extraction", "clarid", "CanonicalExtraction")
                        .heldBy(METHOD + "CanonicalPipelineTest.java", GoldenTests.MODELS)
                        .on(CLAREPS),
                of(CLARID, "The singular value decomposition", "clarid", "RandomizedSvd")
                        .byDecomposition()
                        .heldBy(METHOD + "RandomizedSvdTest.java", METHOD + "RitzBasisTest.java", GoldenTests.MODELS)
                        .on("dit_pixel", "dit_latent", "sit", "unet_class", "unet_ddpm"),
                of(CLARID, "Its certificate", "clarid", "RandomizedSvd#Triples.relativeResidual")
                        .byDecomposition()
                        .heldBy(METHOD + "CertifiedTriplesTest.java", METHOD + "RandomizedSvdTest.java"),
                of(CLARID, "The number of directions", "clarid", "metrics.Elbow")
                        .heldBy(METRICS + "ElbowTest.java", METRICS + "GoldenTest.java")
                        .on("elbow"),
                of(CLARID, "The CLARep", "clarid", "Projection#remove")
                        .heldBy(METHOD + "ProjectionTest.java", GoldenTests.MODELS)
                        .on(CLAREPS),
                of(CLARID, "The projections", "clarid", "Projection")
                        .heldBy(
                                METHOD + "ProjectionTest.java",
                                METHOD + "FilterTest.java",
                                METHOD + "PlantedTruthTest.java"),
                of(CLARID, "The class-evidence map", "clarid", "EvidenceMap")
                        .heldBy(METHOD + "EvidenceMapTest.java", METHOD + "ShippedMapTest.java"),
                of(CLARID, "Its regions of like colours", "clarid", "Regions")
                        .heldBy(METHOD + "RegionsTest.java", METHOD + "ShippedMapTest.java"),
                of(CLARID, "Lanczos' process of the soft projections", "clarid", "Lanczos")
                        .heldBy(METHOD + "FilterTest.java"),
                of(MEASURES, "Agreement of labellings", "clarid", "metrics.Nmi")
                        .heldBy(METRICS + "NmiTest.java", METRICS + "GoldenTest.java")
                        .on("nmi"),
                of(MEASURES, "Nearest neighbours", "clarid", "metrics.Knn")
                        .heldBy(METRICS + "KnnTest.java", METRICS + "GoldenTest.java")
                        .on("knn"),
                of(MEASURES, "k-means", "clarid", "metrics.KMeans")
                        .heldBy(METRICS + "KMeansTest.java", METRICS + "GoldenTest.java")
                        .on("kmeans"),
                of(MEASURES, "Principal angles", "clarid", "metrics.PrincipalAngles")
                        .heldBy(METRICS + "PrincipalAnglesTest.java", METRICS + "GoldenTest.java")
                        .on("subspace"),
                of(STUDENTS, "The student's loss", "cadistill", "student.StudentLoss")
                        .heldBy("cadistill/src/test/java/dev/canonica/cadistill/student/StudentObjectiveTest.java"),
                of(STUDENTS, "Its distance by CKA", "cadistill", "student.Distance#CKA_BIASED")
                        .heldByLosses(),
                of(STUDENTS, "CKA", "cadistill", "loss.Cka").heldByLosses().on("cka-"),
                of(STUDENTS, "CKA, linear", "cadistill", "loss.Cka#linear")
                        .heldByLosses()
                        .on("cka-"),
                of(STUDENTS, "CKA, unbiased", "cadistill", "loss.Cka#unbiased")
                        .heldByLosses()
                        .on("cka-"),
                of(STUDENTS, "CKA of Gaussian kernels", "cadistill", "loss.Cka#rbf")
                        .heldByLosses()
                        .on("cka-"),
                of(STUDENTS, "The Procrustes distance", "cadistill", "loss.Procrustes")
                        .heldBy(LOSSES + "DistancesTest.java", LOSSES + "LossDerivativesTest.java"),
                of(STUDENTS, "The distance of cosines", "cadistill", "loss.Gram")
                        .heldBy(LOSSES + "DistancesTest.java", LOSSES + "LossDerivativesTest.java"),
                of(STUDENTS, "FitNet's hint", "cadistill", "loss.FitNet#halfSum")
                        .heldByLosses()
                        .on("fitnet-"),
                of(STUDENTS, "Attention transfer: maps", "cadistill", "loss.AttentionTransfer")
                        .heldByLosses()
                        .on("at-"),
                of(STUDENTS, "Attention transfer", "cadistill", "loss.AttentionTransfer#halfNorm")
                        .heldByLosses()
                        .on("at-"),
                of(STUDENTS, "Attention transfer: the authors' code", "cadistill", "loss.AttentionTransfer#loss")
                        .heldByLosses()
                        .on("at-"),
                of(STUDENTS, "RKD: distances", "cadistill", "loss.Rkd#distance")
                        .heldByLosses()
                        .on("rkd-"),
                of(STUDENTS, "RKD: angles", "cadistill", "loss.Rkd#angle")
                        .heldByLosses()
                        .on("rkd-"),
                of(ATTACKS, "FGSM", "cadistill", "attack.method.Fgsm")
                        .heldBy(GOLDEN_ATTACK)
                        .on("attack"),
                of(ATTACKS, "PGD", "cadistill", "attack.method.Pgd")
                        .heldBy(GOLDEN_ATTACK)
                        .on("attack"),
                of(ATTACKS, "Auto-PGD", "cadistill", "attack.method.ApgdRun")
                        .heldBy(GOLDEN_ATTACK)
                        .on("attack"),
                of(EVALUATION, "Corruptions", "data", "corruption.Corruption")
                        .heldBy(
                                CORRUPTIONS + "GoldenCorruptionsTest.java",
                                CORRUPTIONS + "CorruptionStatisticsTest.java")
                        .on("corruptions", "corruptions-"),
                of(EVALUATION, "Calibration error", "cadistill", "evaluate.Calibration")
                        .heldBy(EVALUATIONS + "CalibrationTest.java"),
                of(EVALUATION, "Wilson's interval of a share", "clarid", "statistics.Proportion#wilson")
                        .heldBy(STATISTICS + "ProportionTest.java"),
                of(EVALUATION, "Clopper and Pearson's interval", "clarid", "statistics.Proportion#clopperPearson")
                        .heldBy(STATISTICS + "ProportionTest.java"),
                of(EVALUATION, "McNemar's exact test", "clarid", "statistics.Paired#mcNemar")
                        .heldBy(STATISTICS + "PairedTest.java"),
                of(EVALUATION, "Newcombe's interval of a difference", "clarid", "statistics.Paired#difference")
                        .heldBy(STATISTICS + "PairedTest.java"),
                of(EVALUATION, "Student's interval of a mean", "clarid", "statistics.Means#of")
                        .heldBy(STATISTICS + "MeansTest.java"),
                of(EVALUATION, "The bootstrap, BCa", "clarid", "statistics.Bootstrap")
                        .heldBy(STATISTICS + "BootstrapTest.java"),
                of(EVALUATION, "The jackknife", "clarid", "statistics.Jackknife")
                        .heldBy(STATISTICS + "JackknifeTest.java"));
    }

    private static Equation of(String group, String title, String module, String place) {
        return new Equation(group, title, Place.of(module, place), List.of(), List.of(), Set.of(), false);
    }
}

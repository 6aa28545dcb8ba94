/** Objectives, batches, augmentation, the trainer, and runs that resume. Begin with {@link dev.canonica.learning.TrainingRun}. */
module dev.canonica.learning {
    requires transitive dev.canonica.autodiff;
    requires static org.jspecify;
    requires jdk.jfr;

    exports dev.canonica.learning;
}

/** Objectives, batches, augmentation, the trainer, and runs that resume. */
module dev.canonica.learning {
    requires transitive dev.canonica.autodiff;
    requires static org.jspecify;

    exports dev.canonica.learning;
}

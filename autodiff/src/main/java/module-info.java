/**
 * Differentiation of functions of tensors, forwards and backwards over blocks of directions; the check of derivatives, and optimisers. Begin with
 * {@link dev.canonica.autodiff.Autodiff}.
 */
module dev.canonica.autodiff {
    requires transitive dev.canonica.tensor;
    requires static org.jspecify;

    exports dev.canonica.autodiff;
    exports dev.canonica.autodiff.check;
    exports dev.canonica.autodiff.check.table;
    exports dev.canonica.autodiff.optim;
}

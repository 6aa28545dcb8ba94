package dev.canonica.autodiff.check;

/**
 * The greatest errors that a check lets pass.
 *
 * @param f32 of F32 against F64, of its adjoint identity, and of a block against its directions one by one
 * @param differences of F64 derivatives, first and second, against central differences
 * @param f64 of the adjoint identity and of the symmetry of second derivatives in F64
 */
public record Tolerance(double f32, double differences, double f64) {
    /** For a primitive. */
    public static final Tolerance PRIMITIVE = new Tolerance(5e-6, 1e-9, 1e-13);

    /** For a model of many layers, whose roundings add up. */
    public static final Tolerance MODEL = new Tolerance(5e-4, 1e-6, 1e-10);

    /** The greatest error of a kind that passes. */
    public double of(ErrorKind kind) {
        return switch (kind) {
            case VALUE, PUSH, PULL, ADJOINT, BLOCK, SECOND -> f32;
            case PUSH_DIFFERENCE, PULL_DIFFERENCE, SECOND_DIFFERENCE -> differences;
            case ADJOINT_F64, SYMMETRY_F64 -> f64;
        };
    }
}

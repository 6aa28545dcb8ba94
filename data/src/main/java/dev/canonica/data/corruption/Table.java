package dev.canonica.data.corruption;

/** The published parameters of the severities: two benchmarks use the same operations with other numbers. */
public enum Table {
    /** CIFAR-10-C: images of 32 × 32. */
    CIFAR,
    /** ImageNet-C: images of 224 × 224. */
    IMAGENET;

    /** The longest side of images for which CIFAR-10-C's table is taken by itself. */
    private static final int SMALL = 64;

    /** The table for images of a size: {@link #CIFAR} up to 64 × 64, else {@link #IMAGENET}. */
    public static Table of(int height, int width) {
        return Math.max(height, width) <= SMALL ? CIFAR : IMAGENET;
    }
}

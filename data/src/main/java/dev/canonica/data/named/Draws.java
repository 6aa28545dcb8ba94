package dev.canonica.data.named;

import dev.canonica.tensor.Philox;

/** The uniform draws of one stream, one after another: the factors of one image. */
final class Draws {
    private final Philox stream;
    private long next;

    Draws(Philox stream) {
        this.stream = stream;
    }

    /** Uniform on [0, 1). */
    double uniform() {
        return stream.uniformDouble(next++);
    }

    /** Uniform on [low, high). */
    double uniform(double low, double high) {
        return low + (high - low) * uniform();
    }

    /** Uniform on low … high, both included. */
    int integer(int low, int high) {
        return low + stream.bounded(next++, high - low + 1);
    }

    boolean chance(double probability) {
        return uniform() < probability;
    }

    /** Fills {@code out} with uniforms on [0, 1). */
    void uniforms(float[] out) {
        // A double takes two words, a float one: both count from the start of the stream.
        stream.uniforms(2 * next, out);
        next += (out.length + 1) / 2;
    }
}

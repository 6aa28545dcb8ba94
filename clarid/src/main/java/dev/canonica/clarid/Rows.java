package dev.canonica.clarid;

import dev.canonica.tensor.Device;
import java.util.function.IntFunction;

/** A growing list of vectors of one length, in double, that stays where products with it are fast. */
interface Rows {
    int size();

    void append(double[][] vectors);

    void clear();

    /** ⟨x_i, row_k⟩: [x.length][size]. */
    double[][] dots(double[][] x);

    /** Σ_k c[i][k] row_k over the first rows, as many as there are coefficients: [c.length][n]. */
    double[][] combinations(double[][] c);

    /**
     * {@code count} orthonormal vectors, orthogonal to these orthonormal ones, that span what {@code candidates} add to them: of each in turn, what
     * those before it do not span, where that is more than rounding; then random ones. The candidates stay as they are.
     *
     * @param gaussians as many random vectors as are asked for
     */
    double[][] extension(double[][] candidates, int count, IntFunction<double[][]> gaussians);

    /** No vectors yet, of length n: on the device where its calls are queued, for the processor would take longer than the device's other work. */
    static Rows on(Device device, int n) {
        return device.queues() ? new DeviceRows(device, n) : new HostRows(n);
    }
}

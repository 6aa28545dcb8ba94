package dev.canonica.tensor.vector.code;

import static dev.canonica.tensor.vector.code.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The normal distribution on one vector of 32-bit floats. Its tail is
 *
 * <pre>
 *   Φ(−z) = e^(−z²/2) P(t),  t = 1 / (1 + 0.48 z),  z ≥ 0
 * </pre>
 *
 * where P is a polynomial of degree 10, fitted on [0, 14] for the least greatest relative error (Lawson's algorithm), 2e-8 before rounding. The
 * square is taken with its rounding error, which e^x would magnify by z². So the tail is right to 4 units of 2⁻²³ as long as it is no
 * denormal number, z &lt; 13.
 *
 * <p>Constants are not made by {@link Lanes#splat}: in the middle of expressions of this length the compiler stops inlining all but what the Vector
 * API itself forces it to, and a call would box every vector.
 */
public final class NormalLanes {
    static final float SLOPE = 0.48f;
    static final float[] P = {
        -4.77871936e-06f,
        0.191654518f,
        0.189119801f,
        0.167034596f,
        -0.0429223254f,
        0.301857054f,
        -0.850821555f,
        0.954859197f,
        -0.562992871f,
        0.174767822f,
        -0.0225514621f
    };

    /** Beyond, φ and Φ(−z) are 0, and z must not turn them into NaN. */
    static final float FAR = 40;

    static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);

    private NormalLanes() {}

    /** e^(−z²/2). */
    private static FloatVector bell(FloatVector z) {
        FloatVector square = z.mul(z);
        FloatVector rounding = z.fma(z, square.neg());
        FloatVector e = Lanes.exp(square.mul(-0.5f));
        return e.fma(rounding.mul(-0.5f), e);
    }

    /** Φ(−z) for z from 0 to 40, with bell = e^(−z²/2). */
    private static FloatVector tail(FloatVector z, FloatVector bell) {
        FloatVector t =
                FloatVector.broadcast(S, 1).div(z.fma(FloatVector.broadcast(S, SLOPE), FloatVector.broadcast(S, 1)));
        FloatVector p = FloatVector.broadcast(S, P[10]).fma(t, FloatVector.broadcast(S, P[9]));
        p = p.fma(t, FloatVector.broadcast(S, P[8]))
                .fma(t, FloatVector.broadcast(S, P[7]))
                .fma(t, FloatVector.broadcast(S, P[6]))
                .fma(t, FloatVector.broadcast(S, P[5]));
        p = p.fma(t, FloatVector.broadcast(S, P[4]))
                .fma(t, FloatVector.broadcast(S, P[3]))
                .fma(t, FloatVector.broadcast(S, P[2]))
                .fma(t, FloatVector.broadcast(S, P[1]));
        return p.fma(t, FloatVector.broadcast(S, P[0])).mul(bell);
    }

    /** x Φ(x) = max(x, 0) − |x| Φ(−|x|). */
    public static FloatVector gelu(FloatVector x) {
        FloatVector z = x.abs().min(FAR);
        return z.fma(tail(z, bell(z)).neg(), x.max(0f));
    }

    /** Φ(x) + x φ(x). */
    public static FloatVector geluDerivative(FloatVector x) {
        FloatVector z = x.abs().min(FAR);
        FloatVector bell = bell(z);
        FloatVector tail = tail(z, bell);
        FloatVector distribution = FloatVector.broadcast(S, 1).sub(tail).blend(tail, x.compare(VectorOperators.LT, 0f));
        return x.max(-FAR).min(FAR).fma(bell.mul((float) DENSITY), distribution);
    }
}

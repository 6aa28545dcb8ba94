package dev.canonica.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What operations ask of their operands, with one message for all; each begins with the operation's name, and throws {@link IllegalArgumentException}. */
public final class Operands {
    private Operands() {}

    /** Refuses two operands of different types or on different devices. */
    public static void sameType(String operation, Tensor x, Tensor y) {
        if (x.dtype() != y.dtype()) {
            throw new IllegalArgumentException(operation + ": types differ: " + x.dtype() + " and " + y.dtype());
        }
        sameDevice(operation, x, y);
    }

    /** Refuses two operands on different devices. */
    public static void sameDevice(String operation, Tensor x, Tensor y) {
        if (x.device() != y.device()) {
            throw new IllegalArgumentException(operation + ": devices differ: " + x.device() + " and " + y.device()
                    + "; move one with to(Device)");
        }
    }

    /** Refuses two operands of different shapes or types, or on different devices. */
    public static void sameShape(String operation, Tensor x, Tensor y) {
        sameType(operation, x, y);
        if (!x.shape().equals(y.shape())) {
            throw new IllegalArgumentException(operation + ": shapes differ: " + x.shape() + " and " + y.shape());
        }
    }

    /**
     * The number K of directions of tangents [K, *shape], of which some may be null.
     *
     * @throws IllegalArgumentException if all are null, or shapes do not fit
     */
    public static int directions(String operation, List<Shape> shapes, @Nullable Tensor... tangents) {
        int directions = -1;
        for (int i = 0; i < tangents.length; i++) {
            Tensor t = tangents[i];
            if (t == null) {
                continue;
            }
            directions = directions < 0 && t.rank() > 0 ? t.dim(0) : directions;
            if (directions < 0 || !t.shape().equals(shapes.get(i).prepend(directions))) {
                throw new IllegalArgumentException(
                        operation + ": tangent " + t.shape() + " of an operand " + shapes.get(i));
            }
        }
        if (directions < 0) {
            throw new IllegalArgumentException(operation + ": push without a tangent");
        }
        return directions;
    }
}

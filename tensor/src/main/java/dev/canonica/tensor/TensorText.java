package dev.canonica.tensor;

import java.util.StringJoiner;

/** A tensor as a line of text: shape, type, and values in the brackets of their axes. Of long axes both ends are shown. */
final class TensorText {
    private static final int MOST = 48; // elements that are all shown
    private static final int EDGE = 3; // elements at either end of an axis, where there are more
    private static final String GAP = "…";

    private final Tensor all;
    private final Shape shape;
    private final boolean whole;

    private TensorText(Tensor tensor) {
        this.all = tensor.reshape(Math.toIntExact(tensor.size()));
        this.shape = tensor.shape();
        this.whole = tensor.size() <= MOST;
    }

    static String of(Tensor tensor) {
        String head = tensor.described();
        if (tensor.size() == 0) {
            return head;
        }
        try (Scope _ = Scope.open()) {
            return head + " " + new TensorText(tensor).axis(0, 0);
        } catch (IllegalStateException
                | CanonicaException e) { // closed, being recorded, or on a lost device: it has no values now
            return head;
        }
    }

    /** The part from an element on that the axes from this one span. */
    private String axis(int axis, int from) {
        if (shape.rank() == 0) {
            return values(0, 1);
        }
        int n = shape.dim(axis);
        int step = 1;
        for (int i = axis + 1; i < shape.rank(); i++) {
            step *= shape.dim(i);
        }
        boolean cut = !whole && n > 2 * EDGE;
        if (axis == shape.rank() - 1) {
            return cut
                    ? "[" + values(from, EDGE) + ", " + GAP + ", " + values(from + n - EDGE, EDGE) + "]"
                    : "[" + values(from, n) + "]";
        }
        StringJoiner parts = new StringJoiner(", ", "[", "]");
        for (int i = 0; i < n; i++) {
            if (cut && i == EDGE) {
                parts.add(GAP);
                i = n - EDGE;
            }
            parts.add(axis(axis + 1, from + i * step));
        }
        return parts.toString();
    }

    private String values(int from, int count) {
        Tensor part = all.rows(from, from + count);
        StringJoiner values = new StringJoiner(", ");
        switch (part.dtype()) {
            case F64 -> {
                for (double v : part.toDoubles()) {
                    values.add(Double.toString(v));
                }
            }
            case F32, F16, BF16 -> {
                for (double v : part.toDoubles()) {
                    values.add(Float.toString((float) v));
                }
            }
            case BOOL -> {
                for (long v : part.toLongs()) {
                    values.add(Boolean.toString(v != 0));
                }
            }
            default -> {
                for (long v : part.toLongs()) {
                    values.add(Long.toString(v));
                }
            }
        }
        return values.toString();
    }
}

package dev.canonica.autodiff;

import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A list of linear maps, in the order in which the primitives ran. The chain rule is their composition: from front to back for push, from
 * back to front for pull. Values are numbered by slots; a map reads its inputs' slots and fills one of its own.
 */
final class Trace {
    private record Node(
            String primitive, LinearMap map, @Nullable Curvature curvature, int[] inputs, int output) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private final List<Node> nodes = new ArrayList<>();
    private final List<Shape> shapes = new ArrayList<>(); // by slot
    private final boolean curved;

    /**
     * An empty one.
     *
     * @param curved whether second derivatives are recorded, too
     */
    Trace(boolean curved) {
        this.curved = curved;
    }

    /** Whether second derivatives are recorded. */
    boolean isCurved() {
        return curved;
    }

    /** An independent variable of the differentiated function. */
    Var variable(Tensor value) {
        return Var.active(value, this, slot(value));
    }

    Var record(String primitive, Tensor value, LinearMap map, @Nullable Curvature curvature, Var... inputs) {
        int[] slots = new int[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            slots[i] = inputs[i].slot();
        }
        int output = slot(value);
        nodes.add(new Node(primitive, map, curvature, slots, output));
        return Var.active(value, this, output);
    }

    private int slot(Tensor value) {
        shapes.add(value.shape());
        return shapes.size() - 1;
    }

    /** The tangent of slot {@code to} from those of slots {@code from}; null if it does not depend on them. */
    @Nullable
    Tensor push(int[] from, @Nullable Tensor[] tangents, int to) {
        int[] lastUse = lastUse(to);
        Slots slots = new Slots(shapes.size());
        for (int i = 0; i < from.length; i++) {
            slots.borrow(from[i], tangents[i]);
        }
        for (int n = 0; n < nodes.size(); n++) {
            Node node = nodes.get(n);
            if (lastUse[node.output] < 0) {
                continue;
            }
            @Nullable Tensor[] v = tangents(node, slots);
            if (hasAny(v)) {
                try (Scope scope = Scope.open()) {
                    slots.put(node.output, scope.keep(checked(node, node.map.push(v), node.output)));
                }
            }
            for (int slot : node.inputs) {
                if (slot >= 0 && lastUse[slot] == n) {
                    slots.drop(slot);
                }
            }
        }
        return slots.get(to);
    }

    /** The last node by which each slot leads to slot {@code to}, which has one beyond all; −1 for a slot that does not, and is not to be computed. */
    private int[] lastUse(int to) {
        int[] lastUse = new int[shapes.size()];
        Arrays.fill(lastUse, -1);
        lastUse[to] = nodes.size();
        for (int n = nodes.size() - 1; n >= 0; n--) {
            if (lastUse[nodes.get(n).output] >= 0) {
                for (int slot : nodes.get(n).inputs) {
                    if (slot >= 0 && lastUse[slot] < 0) {
                        lastUse[slot] = n;
                    }
                }
            }
        }
        return lastUse;
    }

    /** The cotangents of slots {@code to} from that of slot {@code from}; null for one that it does not depend on. */
    @Nullable
    Tensor[] pull(int from, Tensor u, int[] to) {
        Slots slots = new Slots(shapes.size());
        slots.borrow(from, u);
        for (int n = nodes.size() - 1; n >= 0; n--) {
            Node node = nodes.get(n);
            Tensor of = slots.get(node.output);
            if (of == null) {
                continue;
            }
            add(node, slots, 0, () -> node.map.pull(of));
            slots.drop(node.output);
        }
        @Nullable Tensor[] result = new Tensor[to.length];
        for (int i = 0; i < to.length; i++) {
            result[i] = slots.get(to[i]);
        }
        return result;
    }

    /**
     * How the cotangents of slots {@code from}, pulled from one of slot {@code output}, change as the values of slots {@code from} move along their tangents: tangents
     * go forwards, then the cotangent and its change backwards together.
     *
     * <pre>
     *   ẋ: push of v      ū: pull of u      w: pull of w, and H(ū) ẋ of each primitive
     * </pre>
     *
     * @param tangents [K, *x]; null for zero
     * @param cotangent [1, *y]
     * @return w [K, *x] of slots {@code from}; null for zero
     */
    @Nullable
    Tensor[] hessianPush(int[] from, @Nullable Tensor[] tangents, int output, Tensor cotangent) {
        int n = shapes.size();
        int[] lastUse = lastUse(output);
        Slots slots = new Slots(3 * n); // tangents, then cotangents, then their changes
        for (int i = 0; i < from.length; i++) {
            slots.borrow(from[i], tangents[i]);
        }
        for (Node node : nodes) {
            @Nullable Tensor[] v = tangents(node, slots);
            if (lastUse[node.output] >= 0 && hasAny(v)) {
                try (Scope scope = Scope.open()) {
                    slots.put(node.output, scope.keep(checked(node, node.map.push(v), node.output)));
                }
            }
        }
        slots.borrow(n + output, cotangent);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            Tensor u = slots.get(n + node.output);
            Tensor w = slots.get(2 * n + node.output);
            @Nullable Tensor[] v = tangents(node, slots);
            if (w != null) {
                add(node, slots, 2 * n, () -> node.map.pull(w));
            }
            if (u != null) {
                if (hasAny(v)) {
                    Curvature curvature = node.curvature;
                    if (curvature == null) {
                        throw new IllegalArgumentException("no second derivative of the primitive " + node.primitive
                                + " is known: put it together of others, or record it with its curvature");
                    }
                    add(node, slots, 2 * n, () -> curvature.apply(u, v));
                }
                add(node, slots, n, () -> node.map.pull(u));
            }
            slots.drop(node.output);
            slots.drop(n + node.output);
            slots.drop(2 * n + node.output);
        }
        @Nullable Tensor[] result = new Tensor[from.length];
        for (int i = 0; i < from.length; i++) {
            result[i] = slots.get(2 * n + from[i]);
        }
        return result;
    }

    private static @Nullable Tensor[] tangents(Node node, Slots slots) {
        @Nullable Tensor[] v = new Tensor[node.inputs.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = node.inputs[i] < 0 ? null : slots.get(node.inputs[i]);
        }
        return v;
    }

    private static boolean hasAny(@Nullable Tensor[] v) {
        return Arrays.stream(v).anyMatch(Objects::nonNull);
    }

    /** Adds what is computed for the inputs of a primitive to the slots from {@code base} on. */
    private void add(Node node, Slots slots, int base, Supplier<@Nullable Tensor[]> parts) {
        try (Scope scope = Scope.open()) {
            @Nullable Tensor[] each = parts.get();
            for (int i = 0; i < each.length; i++) {
                Tensor part = each[i];
                int slot = node.inputs[i];
                if (slot < 0 || part == null) {
                    continue;
                }
                checked(node, part, slot);
                Tensor before = slots.get(base + slot);
                if (before == null) {
                    slots.put(base + slot, scope.keep(part));
                } else {
                    Tensor sum = scope.keep(before.plus(part));
                    slots.drop(base + slot);
                    slots.put(base + slot, sum);
                }
            }
        }
    }

    Shape shape(int slot) {
        return shapes.get(slot);
    }

    private Tensor checked(Node node, Tensor t, int slot) {
        Shape s = t.shape();
        if (s.rank() != shapes.get(slot).rank() + 1 || !s.slice(1, s.rank()).equals(shapes.get(slot))) {
            Shape value = shapes.get(slot);
            String needed =
                    value.rank() == 0 ? "[K]" : "[K, " + value.toString().substring(1);
            throw new IllegalStateException(
                    "%s: derivative of shape %s, needed %s: K directions of a value of shape %s%s"
                            .formatted(
                                    node.primitive,
                                    s,
                                    needed,
                                    value,
                                    s.equals(value) ? "; the axis of directions is missing" : ""));
        }
        return t;
    }

    /** Tangents or cotangents by slot, each closed when the last slot that holds it is dropped, unless the caller lent it. */
    private static final class Slots {
        private final @Nullable Tensor[] tensors;
        private final IdentityHashMap<Object, Integer> holders = new IdentityHashMap<>();

        Slots(int n) {
            tensors = new Tensor[n];
        }

        @Nullable
        Tensor get(int slot) {
            return tensors[slot];
        }

        void put(int slot, Tensor t) {
            tensors[slot] = t;
            holders.merge(t.memory(), 1, Integer::sum);
        }

        void borrow(int slot, @Nullable Tensor t) {
            if (t != null) {
                put(slot, t);
                holders.merge(t.memory(), 1, Integer::sum); // the caller holds it, too: it is never closed here
            }
        }

        void drop(int slot) {
            Tensor t = tensors[slot];
            if (t == null) {
                return;
            }
            tensors[slot] = null;
            int left = holders.merge(t.memory(), -1, Integer::sum);
            if (left == 0) {
                holders.remove(t.memory());
                t.close();
            }
        }
    }
}

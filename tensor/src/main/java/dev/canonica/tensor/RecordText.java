package dev.canonica.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A record as a line of text in which arrays are their types and shapes, as {@code Elbow[evr=double [9], distance=double [9], k=3]}, where the text that
 * records have by themselves says where in memory an array was.
 */
public final class RecordText {
    private static final int MOST = 4; // elements of a list that are all shown

    private RecordText() {}

    /**
     * The text of a record.
     *
     * @param lookup the record's own, which finds its components however private it is
     */
    public static String of(MethodHandles.Lookup lookup, Record r) {
        StringJoiner text = new StringJoiner(", ", r.getClass().getSimpleName() + "[", "]");
        for (RecordComponent c : r.getClass().getRecordComponents()) {
            text.add(c.getName() + "=" + value(component(lookup, r, c)));
        }
        return text.toString();
    }

    private static @Nullable Object component(MethodHandles.Lookup lookup, Record r, RecordComponent c) {
        try {
            return lookup.unreflect(c.getAccessor()).invoke(r);
        } catch (Throwable e) { // what invoking a handle may throw
            throw new IllegalStateException(r.getClass().getName() + "." + c.getName() + ": cannot be read", e);
        }
    }

    private static String value(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Map<?, ?> map -> {
                StringJoiner text = new StringJoiner(", ", "{", "}");
                map.forEach((key, v) -> text.add(key + "=" + value(v)));
                yield text.toString();
            }
            case Collection<?> list -> {
                StringJoiner text = new StringJoiner(", ", "[", list.size() > MOST ? ", …] of " + list.size() : "]");
                list.stream().limit(MOST).forEach(v -> text.add(value(v)));
                yield text.toString();
            }
            case Object array when array.getClass().isArray() -> array(array);
            default -> value.toString();
        };
    }

    /** Type and shape; "…" for an axis along which lengths differ. */
    private static String array(Object array) {
        Class<?> type = array.getClass();
        List<String> shape = new ArrayList<>();
        List<Object> arrays = List.of(array);
        while (type.isArray()) {
            List<Integer> lengths =
                    arrays.stream().map(Array::getLength).distinct().toList();
            shape.add(
                    lengths.isEmpty()
                            ? "0"
                            : lengths.size() == 1 ? lengths.getFirst().toString() : "…");
            type = type.getComponentType();
            if (type.isArray()) {
                List<Object> inner = new ArrayList<>();
                for (Object a : arrays) {
                    for (int i = 0; i < Array.getLength(a); i++) {
                        Object row = Array.get(a, i);
                        if (row != null) {
                            inner.add(row);
                        }
                    }
                }
                arrays = inner;
            }
        }
        return type.getSimpleName() + " [" + String.join(", ", shape) + "]";
    }
}

package dev.canonica.clarid.report.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Immutable copies that keep the order, which {@link Map#copyOf} does not. */
final class Copies {
    private Copies() {}

    static <V> Map<String, V> of(Map<String, V> map) {
        return of(map, UnaryOperator.identity());
    }

    static <V> Map<String, V> of(Map<String, V> map, UnaryOperator<V> copy) {
        Map<String, V> copies = new LinkedHashMap<>();
        map.forEach((name, value) -> copies.put(name, copy.apply(value)));
        return Collections.unmodifiableMap(copies);
    }
}

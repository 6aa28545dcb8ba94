package dev.canonica.tensor.io;

import java.util.Map;
import java.util.TreeMap;

/**
 * The order in which a map is written. {@link Map#of} and {@link Map#copyOf} go through their entries in an order that differs from one virtual machine to
 * the next, so that files written from them would differ, too.
 */
final class MapOrder {
    private static final Class<?> WITHOUT_ORDER = Map.of("a", 1, "b", 2).getClass();

    private MapOrder() {}

    /** The map itself, or a copy by name of one whose order is not the same everywhere. */
    static <K, V> Map<K, V> of(Map<K, V> map) {
        return map.getClass() == WITHOUT_ORDER ? new TreeMap<>(map) : map;
    }
}

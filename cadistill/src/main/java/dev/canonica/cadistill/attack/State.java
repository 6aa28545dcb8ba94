package dev.canonica.cadistill.attack;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The state of a pursuit under names, on its way out or back in. Each variable is written once for both ways: {@code z = state.image("z", z)} stores z and
 * leaves it as it is, or gives the one that was stored.
 */
public final class State {
    private final Map<String, float[]> images = new LinkedHashMap<>();
    private final Map<String, double[]> numbers = new LinkedHashMap<>();
    private final boolean stored;

    private State(boolean stored) {
        this.stored = stored;
    }

    /** For a state that is to be stored. */
    static State empty() {
        return new State(false);
    }

    /** A state that was stored. */
    static State stored(Map<String, float[]> images, Map<String, double[]> numbers) {
        State state = new State(true);
        state.images.putAll(images);
        state.numbers.putAll(numbers);
        return state;
    }

    /** An image, or another array of its length. */
    public float[] image(String name, float[] value) {
        return stored ? get(images, name) : put(images, name, value.clone(), value);
    }

    /** An array of numbers. */
    public double[] numbers(String name, double[] value) {
        return stored ? get(numbers, name) : put(numbers, name, value.clone(), value);
    }

    /** A number. */
    public double number(String name, double value) {
        return numbers(name, new double[] {value})[0];
    }

    /** A whole number. */
    public int count(String name, int value) {
        return (int) number(name, value);
    }

    /** A choice of two. */
    public boolean flag(String name, boolean value) {
        return number(name, value ? 1 : 0) != 0;
    }

    private static <T> T put(Map<String, T> all, String name, T copy, T value) {
        if (all.put(name, copy) != null) {
            throw new IllegalArgumentException("state: '" + name + "' is there twice");
        }
        return value;
    }

    private static <T> T get(Map<String, T> all, String name) {
        T value = all.get(name);
        if (value == null) {
            throw new IllegalArgumentException("state: '" + name + "' is missing; there are " + all.keySet());
        }
        return value;
    }

    Map<String, float[]> images() {
        return images;
    }

    Map<String, double[]> numbers() {
        return numbers;
    }
}

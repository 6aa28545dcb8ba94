package dev.canonica.tensor.memory;

import java.util.Arrays;

/** A stack of addresses, none of them 0. */
final class AddressStack {
    private long[] items = new long[8];
    private int size;

    void push(long item) {
        if (size == items.length) {
            items = Arrays.copyOf(items, 2 * size);
        }
        items[size++] = item;
    }

    /** The last one pushed; 0 if there is none. */
    long pop() {
        return size == 0 ? 0 : items[--size];
    }
}

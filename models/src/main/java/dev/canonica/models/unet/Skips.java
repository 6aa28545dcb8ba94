package dev.canonica.models.unet;

import dev.canonica.models.ModelException;
import java.util.ArrayDeque;
import java.util.Deque;

/** The channels of the skip connections while a U-Net is put together. */
final class Skips {
    private final Deque<Integer> channels = new ArrayDeque<>();

    Skips push(int width) {
        channels.push(width);
        return this;
    }

    int pop() {
        if (channels.isEmpty()) {
            throw new ModelException("up blocks ask for more skip connections than the down blocks leave");
        }
        return channels.pop();
    }
}

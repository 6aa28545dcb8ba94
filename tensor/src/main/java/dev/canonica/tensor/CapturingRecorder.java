package dev.canonica.tensor;

import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.Capture;
import dev.canonica.tensor.memory.Reserve;
import dev.canonica.tensor.memory.Storage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A recorder of a device that can take down what it is asked for instead of doing it. What is common to such devices is here: where the work's
 * memory comes from, and what a recording holds.
 *
 * <ul>
 *   <li>Blocks that the work makes come from a part of the pool that this recorder's recordings share and that nobody else is given. All but the
 *       result are free again when the work has been captured.
 *   <li>Blocks that were there before are held by the recording, which refuses to be replayed once one of them was closed.
 *   <li>A tensor that would stay although the work is over is refused when it is made: its content would be there after a replay only.
 * </ul>
 */
public abstract class CapturingRecorder implements Recorder {
    private final Device device;
    private final Reserve reserve;
    private final Set<Recording> recordings =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    private final List<Tensor> kept = new ArrayList<>();
    private final Addresses keptAt = Addresses.open();

    /** A recorder of this device. */
    protected CapturingRecorder(Device device) {
        this.device = device;
        this.reserve = new Reserve(device.memory());
    }

    /** What a device has captured. */
    protected interface Playback {
        /** Does it, after all that the device was asked for before. */
        void run();

        /** Gives it back, once the device has done with it. */
        void close();
    }

    /** From here on, what this thread asks of the device is captured. */
    protected abstract void begin();

    /**
     * Ends that.
     *
     * @param name for messages
     * @throws RecordingException if something that was asked for cannot be captured
     */
    protected abstract Playback end(String name);

    /** Ends that and forgets what was captured. */
    protected abstract void abandon();

    /**
     * A tensor from the whole pool, made and written while work is captured but no part of it. It lives as long as this recorder, and stays
     * where it is.
     */
    protected record Kept(Tensor tensor, long address) {}

    /** Makes one. */
    protected final Kept keep(Supplier<Tensor> make) {
        return Capture.aside(() -> {
            Tensor t = Scope.outside(make);
            kept.add(t);
            return new Kept(t, keptAt.of(t));
        });
    }

    @Override
    public final Recording record(String name, Supplier<Tensor> work) {
        Capture capture = new Capture(device.memory(), reserve);
        Tensor result;
        try {
            begin();
        } catch (DeviceException | OutOfTensorMemoryException e) {
            throw new RecordingException(name + ": " + e.getMessage(), e);
        }
        try {
            result = capture.during(() -> Scope.outside(() -> within(work)));
            check(capture, result);
        } catch (OutOfTensorMemoryException e) {
            abandon();
            throw new RecordingException(name + ": no memory of its own: " + e.getMessage(), e);
        } catch (RecordingException | DeviceException e) {
            abandon(); // a device that is lost says so again when the work is done as ever
            throw new RecordingException(name + ": " + e.getMessage(), e);
        } catch (Throwable e) {
            abandon();
            throw e;
        }
        Captured recording = new Captured(name, capture.used(), work, result, ended(name, result));
        recordings.add(recording);
        return recording;
    }

    private Playback ended(String name, Tensor result) {
        try {
            return end(name);
        } catch (RecordingException e) {
            result.close();
            throw new RecordingException(name + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            result.close();
            throw e;
        }
    }

    private static Tensor within(Supplier<Tensor> work) {
        try (Scope scope = Scope.open()) {
            return scope.keep(work.get());
        }
    }

    private void check(Capture capture, Tensor result) {
        if (!result.storage().isOf(reserve)) {
            throw new RecordingException("the result is not a tensor that the work has made");
        }
        if (capture.used().stream().anyMatch(Storage::isClosed)) {
            throw new RecordingException("the work closes a tensor that was there before");
        }
    }

    @Override
    public void close() {
        List.copyOf(recordings).forEach(Recording::close);
        keptAt.close();
        kept.forEach(Tensor::close);
        kept.clear();
        reserve.close();
    }

    /** Work that the device has captured. */
    private final class Captured implements Recording {
        private final String name;
        private final Set<Storage> used;

        @SuppressWarnings("unused") // keeps all that the work refers to
        private final Supplier<Tensor> work;

        private final Tensor result;
        private final Playback playback;
        private boolean closed;

        Captured(String name, Set<Storage> used, Supplier<Tensor> work, Tensor result, Playback playback) {
            this.name = name;
            this.used = used;
            this.work = work;
            this.result = result;
            this.playback = playback;
        }

        @Override
        public synchronized Tensor replay() {
            if (closed) {
                throw new IllegalStateException(name + ": replayed after it was closed");
            }
            try (Addresses at = Addresses.open()) {
                for (Storage s : used) {
                    if (!at.pin(s)) {
                        throw new RecordingException(name + ": a tensor that it uses was closed");
                    }
                }
                playback.run();
            }
            return Layout.copyInto(result, result.like(result.shape()));
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                recordings.remove(this);
                playback.close();
                result.close();
            }
        }
    }
}

package dev.canonica.tensor.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code torch.save} wrote before PyTorch 1.6: pickles one behind the other, of a magic number, a version, the machine, the value, and the names of the
 * storages; then each storage, after the number of its elements. The value is read twice, for where its storages are is only known behind it.
 */
final class TorchLegacyFile {
    private static final int VERSION = 1001;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MappedFile file;
    private final ByteBuffer in;

    private TorchLegacyFile(MappedFile file) {
        this.file = file;
        long head = Math.min(file.size(), TorchFile.MAX_PICKLE);
        this.in = ByteBuffer.wrap(file.slice(0, head).toArray(ValueLayout.JAVA_BYTE));
    }

    /** Whether a file begins as a bare pickle. */
    static boolean is(MappedFile file) {
        return file.size() >= 2 && file.u8(0) == 0x80 && file.u8(1) <= 5;
    }

    static Checkpoint open(MappedFile map) {
        return new TorchLegacyFile(map).read();
    }

    private FormatException wrong(String what) {
        return new FormatException(file.path() + ": " + what);
    }

    private Object load(TorchPickle.Storages storages) {
        return new Unpickler(file.path().toString(), in, new TorchPickle(file, storages)).load();
    }

    private Checkpoint read() {
        TorchPickle.Storages none = (key, bytes) -> {
            throw wrong("damaged: a tensor before the model");
        };
        Object magic = load(none);
        if (!magic.toString().equals("a whole number of 10 bytes") || !(load(none) instanceof Long version)) {
            throw wrong("a pickle, but not what torch.save writes");
        }
        if (version != VERSION) {
            throw wrong("version " + version + " of the format of PyTorch before 1.6; " + VERSION + " can be read");
        }
        if (load(none) instanceof Map<?, ?> machine && Boolean.FALSE.equals(machine.get("little_endian"))) {
            throw wrong("written on a machine with the highest byte first; little endian is needed");
        }
        int start = in.position();
        Map<String, Long> sizes = new LinkedHashMap<>();
        load((key, bytes) -> {
            if (bytes > file.size() || !sizes.computeIfAbsent(key, _ -> bytes).equals(bytes)) {
                throw wrong("damaged: storage '" + key + "' of " + bytes + " bytes");
            }
            return file.slice(0, bytes); // to be looked at for its size alone
        });
        if (!(load(none) instanceof List<?> keys)) {
            throw wrong("damaged: the names of the storages are missing");
        }
        Map<String, MemorySegment> storages = new HashMap<>();
        long at = in.position();
        for (Object key : keys) {
            Long bytes = sizes.get(String.valueOf(key));
            if (bytes == null) {
                throw wrong("damaged: storage '" + key + "' is no tensor's");
            }
            if (at + Long.BYTES + bytes > file.size()) {
                throw wrong("damaged or cut off: storage '" + key + "' of " + bytes + " bytes does not fit");
            }
            long elements = file.slice(at, Long.BYTES).get(LONG, 0);
            if (elements < 0 || (elements == 0) != (bytes == 0) || (elements > 0 && bytes % elements != 0)) {
                throw wrong("damaged: storage '" + key + "' of " + bytes + " bytes says " + elements + " elements");
            }
            storages.put(String.valueOf(key), file.slice(at + Long.BYTES, bytes));
            at += Long.BYTES + bytes;
        }
        in.position(start);
        return TorchStateDict.of(file, load((key, bytes) -> {
            MemorySegment data = storages.get(key);
            if (data == null) {
                throw wrong("storage '" + key + "' is missing");
            }
            return data;
        }));
    }
}

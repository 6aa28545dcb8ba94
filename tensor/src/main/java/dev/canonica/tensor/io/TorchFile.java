package dev.canonica.tensor.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What {@code torch.save} writes since PyTorch 1.6: a zip archive with a pickle, {@code data.pkl}, and a file for each storage. What of the pickle is a
 * model, {@link TorchStateDict} says.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/main/torch/serialization.py">torch.serialization</a>
 */
final class TorchFile implements TorchPickle.Storages {
    private static final String PICKLE = "data.pkl";
    /** Several times the pickle of the largest published model with its optimiser. */
    static final long MAX_PICKLE = 1 << 24;

    private final MappedFile file;
    private final StoredZip zip;
    private final String root;

    private TorchFile(MappedFile file) {
        this.file = file;
        this.zip = new StoredZip(file);
        this.root = root();
    }

    /** Whether a file begins as a zip archive. */
    static boolean isArchive(MappedFile file) {
        return file.size() >= 4 && file.u8(0) == 'P' && file.u8(1) == 'K' && file.u8(2) <= 8 && file.u8(3) <= 8;
    }

    static Checkpoint open(MappedFile map) {
        return new TorchFile(map).read();
    }

    private FormatException wrong(String what) {
        return new FormatException(file.path() + ": " + what);
    }

    private String root() {
        String found = null;
        for (String name : zip.names()) {
            if (name.endsWith("/constants.pkl")) {
                throw wrong("a TorchScript archive; torch.save its state_dict() instead");
            }
            if (name.equals(PICKLE) || name.endsWith("/" + PICKLE)) {
                if (found != null) {
                    throw wrong("two pickles, '" + found + "' and '" + name + "'; one is needed");
                }
                found = name;
            }
        }
        if (found == null) {
            throw wrong("a zip archive without " + PICKLE + ": not what torch.save writes");
        }
        return found.substring(0, found.length() - PICKLE.length());
    }

    private Checkpoint read() {
        MemorySegment order = zip.entry(root + "byteorder");
        if (order != null && order.byteSize() < 64) {
            String name = new String(order.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            if (!name.equals("little")) {
                throw wrong("byte order '" + name + "'; little is needed");
            }
        }
        MemorySegment pickle = zip.entry(root + PICKLE);
        if (pickle == null || pickle.byteSize() > MAX_PICKLE) {
            throw wrong("a pickle of more than " + MAX_PICKLE + " bytes; save the model's state_dict() alone");
        }
        byte[] bytes = pickle.toArray(ValueLayout.JAVA_BYTE);
        return TorchStateDict.of(
                file,
                new Unpickler(file.path().toString(), ByteBuffer.wrap(bytes), new TorchPickle(file, this)).load());
    }

    @Override
    public MemorySegment bytes(String key, long bytes) {
        MemorySegment data = zip.entry(root + "data/" + key);
        if (data == null) {
            throw wrong("storage '" + key + "' is missing");
        }
        if (data.byteSize() != bytes) {
            throw wrong("storage '" + key + "' has " + data.byteSize() + " bytes, but " + bytes + " are announced");
        }
        return data;
    }
}

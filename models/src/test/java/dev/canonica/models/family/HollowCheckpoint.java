package dev.canonica.models.family;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Shape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A safetensors file with nothing but holes behind its header, for models that are too large to have their weights here. It is filled with what a model
 * says is missing from it, so that in the end it shows which parameters the model has.
 */
final class HollowCheckpoint {
    private static final Pattern MISSING =
            Pattern.compile("tensor '([^']+)' \\[([\\d, ]*)] is missing from the checkpoint");

    private final Path file;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    HollowCheckpoint(Path file) throws IOException {
        this.file = file;
        write();
    }

    /** Adds what is missing until the model is there. */
    void complete(Runnable load) throws IOException {
        while (true) {
            try {
                load.run();
                return;
            } catch (ModelException e) {
                add(e);
                write();
            }
        }
    }

    /** Adds the tensor that a model has found missing. */
    private void add(ModelException e) {
        Matcher m = MISSING.matcher(e.getMessage());
        if (!m.find()) {
            throw e;
        }
        String[] dims = m.group(2).split(", ", -1);
        int[] shape = new int[dims.length];
        for (int i = 0; i < dims.length; i++) {
            shape[i] = Integer.parseInt(dims[i]);
        }
        shapes.put(m.group(1), Shape.of(shape));
    }

    /** Numbers in all tensors. */
    long parameters() {
        return shapes.values().stream().mapToLong(Shape::size).sum();
    }

    private void write() throws IOException {
        StringJoiner header = new StringJoiner(",", "{", "}");
        long offset = 0;
        for (Map.Entry<String, Shape> e : shapes.entrySet()) {
            long end = offset + 4 * e.getValue().size();
            header.add("\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(e.getKey(), e.getValue(), offset, end));
            offset = end;
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            out.write(length.putLong(json.length).array());
            out.write(json);
            out.setLength(8 + json.length + offset);
        }
    }
}

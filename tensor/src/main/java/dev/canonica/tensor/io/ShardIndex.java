package dev.canonica.tensor.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Safetensors, or files of {@code torch.save}, beside their index, {@code {"metadata": {…}, "weight_map": {tensor: file, …}}}. Index and files must agree: each
 * tensor in exactly the file that the index names.
 */
final class ShardIndex {
    private static final int MAX_BYTES = 100_000_000;
    private static final int MAX_SHARDS = 10_000;
    private static final List<String> SUFFIXES = List.of(".safetensors", ".bin");

    private ShardIndex() {}

    static Checkpoint open(Path index) {
        Map<String, String> weightMap = weightMap(index);
        TreeSet<String> names = new TreeSet<>(weightMap.values());
        if (names.size() > MAX_SHARDS) {
            throw new FormatException(index + ": " + names.size() + " files; at most " + MAX_SHARDS + " are possible");
        }
        Map<String, Checkpoint> shards = new LinkedHashMap<>();
        Map<String, String> unread = new LinkedHashMap<>();
        for (String name : names) {
            if (SUFFIXES.stream().noneMatch(name::endsWith)
                    || name.contains("/")
                    || name.contains("\\")
                    || name.contains("\0")) {
                throw new FormatException(index + ": file '" + name
                        + "': a .safetensors or .bin file in the index's own folder is needed");
            }
            Checkpoint shard = Checkpoint.open(index.resolveSibling(name));
            for (String tensor : shard.names()) {
                if (!name.equals(weightMap.get(tensor))) {
                    throw new FormatException(
                            shard.file() + ": tensor '" + tensor + "' is not in the index for this file");
                }
            }
            unread.putAll(shard.unread());
            shards.put(name, shard);
        }
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        weightMap.forEach((tensor, name) -> {
            StoredTensor t = Objects.requireNonNull(shards.get(name)).tensors().get(tensor);
            if (t == null && unread.containsKey(tensor)) {
                return;
            }
            if (t == null) {
                throw new FormatException(
                        index.resolveSibling(name) + ": tensor '" + tensor + "', which the index names, is missing");
            }
            tensors.put(tensor, t);
        });
        return new Checkpoint(index, tensors, unread, Map.of());
    }

    private static Map<String, String> weightMap(Path index) {
        byte[] bytes;
        try {
            bytes = RegularFile.bytes(index, MAX_BYTES);
        } catch (IOException e) {
            throw FormatException.of(index, "read", e);
        }
        JsonText json = new JsonText(index.toString(), RegularFile.withoutMark(bytes));
        Map<String, String> map = null;
        json.expect('{');
        do {
            String key = json.key();
            switch (key) {
                case "metadata" -> json.skip();
                case "weight_map" -> {
                    if (map != null) {
                        throw new FormatException(index + ": 'weight_map' is there twice");
                    }
                    map = json.strings();
                }
                default -> throw new FormatException(index + ": unknown member '" + key + "'");
            }
        } while (json.accept(','));
        json.expect('}');
        json.end();
        if (map == null) {
            throw new FormatException(index + ": 'weight_map' is missing: an index of safetensors is needed");
        }
        return map;
    }
}

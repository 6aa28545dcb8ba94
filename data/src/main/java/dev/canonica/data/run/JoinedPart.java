package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A part of the whole, of the rows that shards have. */
record JoinedPart(List<Piece> pieces, List<String> items) implements RunFolder.Maker {
    @Override
    public void check(Path file) {
        Npz.verify(file);
        try (Scope _ = Scope.open()) {
            boolean equal =
                    pieces.size() == 1 ? !Piece.mismatch(pieces.getFirst().file(), file) : Npz.holds(file, joined());
            if (!equal) {
                throw new DataException("%s: holds other numbers than %s"
                        .formatted(file, pieces.getFirst().file()));
            }
        }
    }

    @Override
    public void write(Path file) {
        if (pieces.size() == 1) {
            Npz.verify(pieces.getFirst().file());
            ShardFolders.copy(pieces.getFirst().file(), file);
            return;
        }
        try (Scope _ = Scope.open()) {
            Npz.write(file, joined());
        }
    }

    private Map<String, Tensor> joined() {
        List<Map<String, Tensor>> all =
                pieces.stream().map(p -> Npz.read(p.file())).toList();
        Map<String, Tensor> joined = new LinkedHashMap<>();
        for (String name : all.getFirst().keySet()) {
            Tensor[] rows = IntStream.range(0, all.size())
                    .mapToObj(i -> rows(i, all.get(i), name))
                    .toArray(Tensor[]::new);
            joined.put(name, Tensor.concatenate(0, rows));
        }
        return joined;
    }

    private Tensor rows(int piece, Map<String, Tensor> arrays, String name) {
        Piece of = pieces.get(piece);
        Tensor array = arrays.get(name);
        if (array == null
                || array.rank() == 0
                || array.dim(0) != of.entry().items().size()) {
            throw new DataException("%s: array '%s': a row for each of %d images is needed"
                    .formatted(of.file(), name, of.entry().items().size()));
        }
        return array;
    }
}

package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.data.DataException;
import dev.canonica.data.run.RunFolder;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Makes a batch's file, of images that are extracted now and of those that were in earlier files. */
final class BatchMaker implements RunFolder.Maker {
    private final Extraction extraction;
    private final ImageBatch batch;
    private final EarlierBatches earlier;

    BatchMaker(Extraction extraction, ImageBatch batch, EarlierBatches earlier) {
        this.extraction = extraction;
        this.batch = batch;
        this.earlier = earlier;
    }

    @Override
    public void check(Path file) {
        Npz.verify(file);
        try (Scope scope = Scope.open()) {
            if (!Arrays.equals(Npz.read(file, Extraction.INDEX).toLongs(), batch.index())) {
                throw new DataException("%s: does not hold %s".formatted(file, batch.named()));
            }
        }
    }

    @Override
    public void write(Path file) {
        List<Integer> missing = IntStream.range(0, batch.size())
                .filter(b -> !earlier.has(extraction.digest(batch.indices().get(b))))
                .boxed()
                .toList();
        CanonicalPipeline fitting =
                missing.isEmpty() ? null : extraction.pipeline(); // which is measured, outside of the scope
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> computed = fitting == null ? Map.of() : extraction.extract(fitting, batch.of(missing));
            Npz.write(file, missing.size() == batch.size() ? computed : joined(computed, missing));
        } finally {
            earlier.forget();
        }
    }

    /** The batch's arrays, of which those of the images at some places have been computed and the others were there. */
    private Map<String, Tensor> joined(Map<String, Tensor> computed, List<Integer> places) {
        List<Map<String, Tensor>> rows = new ArrayList<>();
        for (int b = 0; b < batch.size(); b++) {
            int row = places.indexOf(b);
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            if (row < 0) {
                arrays.putAll(earlier.of(extraction.digest(batch.indices().get(b))));
                arrays.put(
                        Extraction.INDEX, Tensor.of(new long[] {batch.indices().get(b)}, 1));
            } else {
                computed.forEach((name, all) -> arrays.put(name, all.rows(row, row + 1)));
            }
            rows.add(arrays);
        }
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (String name : rows.getFirst().keySet()) {
            all.put(
                    name,
                    Tensor.concatenate(0, rows.stream().map(r -> r.get(name)).toArray(Tensor[]::new)));
        }
        return all;
    }
}

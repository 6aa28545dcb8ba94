package dev.canonica.cli.audit;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the Javadoc of primitives and equations says. There is no second copy to keep: {@value #RESOURCE} is made of the sources by a test, which fails where
 * the two differ.
 */
public final class Formulas {
    static final String RESOURCE = "formulas.json";

    private final Map<String, List<Block>> blocks;

    private Formulas(Map<String, List<Block>> blocks) {
        this.blocks = blocks;
    }

    /**
     * A paragraph.
     *
     * @param text with its line breaks where it is a formula
     * @param formula whether it is one, set apart from the text
     */
    public record Block(String text, boolean formula) {}

    /** As the build has them. */
    public static Formulas read() {
        try (InputStream in = Objects.requireNonNull(Formulas.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            return new Formulas(new ObjectMapper().readValue(in, new TypeReference<>() {}));
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + ": cannot be read", e);
        }
    }

    /** What an equation's Javadoc says, to its last formula; where it sets none apart its first paragraph. */
    List<Block> equation(Place place) {
        List<Block> all = blocks.getOrDefault(place.key(), List.of());
        int last = 0;
        for (int i = 0; i < all.size(); i++) {
            last = all.get(i).formula() ? i : last;
        }
        return all.subList(0, Math.min(all.size(), last + 1));
    }

    /** A primitive's formulas; where its Javadoc sets none apart its first paragraph. Empty where there is no Javadoc. */
    Optional<String> primitive(Place place) {
        List<Block> all = blocks.getOrDefault(place.key(), List.of());
        List<String> set = all.stream().filter(Block::formula).map(Block::text).toList();
        return set.isEmpty() ? all.stream().findFirst().map(Block::text) : Optional.of(String.join("\n", set));
    }
}

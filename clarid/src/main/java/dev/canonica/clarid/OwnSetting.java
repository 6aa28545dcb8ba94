package dev.canonica.clarid;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The setting of the method that measurement found for a model, in the file {@value #FILE} beside its weights: what commands take where they are told nothing else. A model without one has
 * the paper's (arXiv 2506.09955): {@code topk}.
 *
 * @param layer whose features are differentiated
 * @param te t_e, a fraction of the steps
 * @param projection what is removed
 * @param replacement what comes in its place, and whether the norm is restored: said beside a projection alone
 */
public record OwnSetting(
        Optional<String> layer, OptionalDouble te, Optional<Projection> projection, Replacement replacement) {
    /** Its file in a model's folder. */
    public static final String FILE = "clarid.json";

    /** That of a model without one. */
    public static final OwnSetting NONE =
            new OwnSetting(Optional.empty(), OptionalDouble.empty(), Optional.empty(), Replacement.NOTHING);

    /**
     * That of a model.
     *
     * @throws ModelException if there is a file that says what there is not
     */
    public static OwnSetting of(Path model) {
        Path file = model.resolve(FILE);
        if (!Files.isDirectory(model) || !Files.exists(file)) {
            return NONE;
        }
        JsonConfig config = JsonConfig.read(file);
        Optional<String> layer = config.isSet("layer") ? Optional.of(config.string("layer", null)) : Optional.empty();
        OptionalDouble te = OptionalDouble.empty();
        if (config.isSet("te")) {
            te = OptionalDouble.of(config.number("te", null));
            if (te.getAsDouble() < 0 || te.getAsDouble() > 1) {
                throw new ModelException(file + ": te: " + te.getAsDouble() + " is not a number from 0 to 1");
            }
        }
        Optional<Projection> projection = projection(file, config);
        if (config.isSet("norm") && projection.isEmpty()) {
            throw new ModelException(file + ": norm: has no effect without a projection");
        }
        boolean norm = config.oneOf("norm", "left", "left", "restored").equals("restored");
        config.done();
        return new OwnSetting(layer, te, projection, new Replacement(Replacement.Fill.ZERO, norm));
    }

    private static Optional<Projection> projection(Path file, JsonConfig config) {
        try {
            Optional<Projection> named = config.isSet("projection")
                    ? Optional.of(Projection.of(config.string("projection", null)))
                    : Optional.empty();
            if (config.isSet("map")) {
                EvidenceMap map = EvidenceMap.of(config.string("map", null));
                named = named.filter(projection -> projection.recipe().isPresent())
                        .map(projection -> projection.withMap(map));
                if (named.isEmpty()) {
                    throw new ModelException(file + ": map: the projection has none; local and local-soft have");
                }
            }
            if (!config.isSet("strength")) {
                return named;
            }
            double strength = config.number("strength", null);
            if (named.orElse(null) instanceof Projection.Soft soft) {
                return Optional.of(soft.withStrength(strength));
            }
            throw new ModelException(file + ": strength: the projection has none; local-soft and evidence have");
        } catch (IllegalArgumentException e) {
            throw new ModelException(file + ": " + e.getMessage());
        }
    }
}

package dev.canonica.cadistill.experiment;

import dev.canonica.models.ModelException;
import java.util.List;

/**
 * How large the experiment on patches of a satellite's image is.
 *
 * @param id its name
 * @param seeds networks that are trained
 * @param trained patches that each sees, epochs counted again
 * @param width of a token of the network
 * @param held patches that the method is tried on
 * @param samplerSteps levels between patch and noise
 * @param rank n, directions that are computed of each patch
 */
public record SatelliteScale(String id, int seeds, long trained, int width, int held, int samplerSteps, int rank) {
    /** All of it within minutes, as a test of itself; its numbers say nothing. */
    public static final SatelliteScale TINY = new SatelliteScale("tiny", 1, 1280, 8, 20, 4, 2);

    /** A first look: three networks. */
    public static final SatelliteScale SMALL = new SatelliteScale("small", 3, 128_000, 64, 1000, 20, 8);

    /** Five networks that learn longer. */
    public static final SatelliteScale FULL = new SatelliteScale("full", 5, 1_024_000, 64, 2000, 50, 8);

    private static final List<SatelliteScale> ALL = List.of(TINY, SMALL, FULL);

    /** The names of the scales. */
    public static List<String> ids() {
        return ALL.stream().map(SatelliteScale::id).toList();
    }

    /**
     * The scale of a name.
     *
     * @throws ModelException if there is none
     */
    public static SatelliteScale named(String id) {
        return Scale.named(ALL, SatelliteScale::id, id);
    }
}

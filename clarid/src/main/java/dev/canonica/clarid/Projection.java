package dev.canonica.clarid;

import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is removed from a latent x at t_e, and where. Beyond {@link TopK} these are answers of our own to the paper's open questions (arXiv 2506.09955); docs/projections.md has
 * what each of them gave. J is the Jacobian of the layer's features, V_k the k right singular vectors chosen of it, y what {@link Replacement} puts in place of what is removed.
 *
 * <pre>
 *   topk         x̃ = x − V_k V_kᵀ (x − y)                                     the k strongest
 *   multistep    the same at t_e, ¾ t_e and ½ t_e, of the Jacobian that is there
 *   selective    the same, with the k that carry least of the class
 *   local        x̃ = x − W ⊙ V_k V_kᵀ (x − y)                                 W: weights of a class-evidence map
 *   local-soft   x̃ = x − W^½ (τ² I + W^½ JᵀJ W^½)⁻¹ W^½ JᵀJ (x − y)          τ² = r θ_max(W^½ JᵀJ W^½)
 *   evidence     x̃ = x − (τ² (I + (μ/θ_K) KᵀK) + JᵀJ)⁻¹ JᵀJ (x − y)          K: Jacobian of x̂₀(c) − x̂₀(c′), τ² = r θ_max(JᵀJ), θ_K = θ_max(KᵀK)
 * </pre>
 *
 * <p>The first four remove whole directions and have a {@linkplain RandomizedSvd.Triples certificate} for each. The last two are filters of all directions at once with a strength r, the
 * smaller the stronger ({@link Soft}); their certificate is the relative residual of their equation. With W = 1 and a cut in place of the filter, local-soft is topk.
 */
public sealed interface Projection {
    /** The k strongest directions, at t_e (arXiv 2506.09955). Cost: the singular value decomposition. */
    record TopK() implements Projection {}

    /**
     * Of the directions computed, the k that carry least of the class, at t_e. Cost: that of {@link TopK}, and two pushes of each direction.
     *
     * @param by how they are chosen
     */
    record Selective(Choice by) implements Projection {
        /** How directions are chosen. */
        public enum Choice {
            /** By the {@link ClassEvidence} of each. */
            EVIDENCE,
            /** One after another: the next is that with which all that is removed of this image has least class evidence ({@link ClassEvidence#greedy}). */
            GREEDY
        }

        /** By the evidence of each. */
        public Selective() {
            this(Choice.EVIDENCE);
        }
    }

    /**
     * The k strongest at t_e, and again, of the Jacobian that is there, on the way down: at three quarters and at half of the level of t_e, rounded to
     * levels.
     */
    record Multistep() implements Projection {
        private static final double[] AGAIN = {0.75, 0.5};

        /** The levels below {@code level} at which directions are removed again, descending; fewer where they coincide. */
        public static List<Integer> levelsAgain(int level) {
            List<Integer> levels = new ArrayList<>();
            int last = level;
            for (double fraction : AGAIN) {
                int next = (int) Math.round(fraction * level);
                if (next < last) {
                    levels.add(next);
                    last = next;
                }
            }
            return levels;
        }
    }

    /**
     * The k strongest directions, removed where there is little of the class. Cost: that of {@link TopK} and of the map.
     *
     * @param map by whose weights W
     */
    record Local(EvidenceMap map) implements Projection {}

    /** A filter of all directions, with a strength in place of a number of directions. */
    sealed interface Soft extends Projection {
        /** Positions of the dial of strengths ({@link #strengthAt}), and Lanczos steps at least. */
        int STEPS = 7;

        /** The position that has the projection's own strength. */
        int CHOSEN = 4;

        /** Strengths of neighbouring positions differ by this factor. */
        double FACTOR = 3;

        /** r. */
        double strength();

        /** The same with another strength. */
        Soft withStrength(double r);

        /** The strength at a position from 1, the gentlest, to {@link #STEPS}. */
        default double strengthAt(int step) {
            return strength() * Math.pow(FACTOR, CHOSEN - step);
        }
    }

    /**
     * x + δ for the δ that minimises ‖J (x − y + δ)‖² + τ² δᵀ W⁻¹ δ: as little as possible of what the network is sensitive to, at the price of a change where there is little of the
     * class. Cost: the map, and about eight pushes and pulls of a single vector; seven Lanczos steps leave a relative residual of some 10⁻⁶ at r = 3.
     *
     * @param map by whose weights W
     * @param strength r = τ² / θ_max, θ_max the greatest Ritz value of W^½ JᵀJ W^½: 1 is strong, 3 the default, 10 gentle
     */
    record LocalSoft(EvidenceMap map, double strength) implements Soft {
        /** The strength that was measured. */
        public static final double STRENGTH = 3;

        /** Checks that the strength is a number above 0. */
        public LocalSoft {
            checkStrength(strength);
        }

        /** The recipe and strength that were measured. */
        public LocalSoft() {
            this(EvidenceMap.DEFAULT, STRENGTH);
        }

        @Override
        public LocalSoft withStrength(double r) {
            return new LocalSoft(map, r);
        }
    }

    /**
     * x + δ for the δ that minimises ‖J (x − y + δ)‖² + τ² (‖δ‖² + (μ/θ_K) ‖K δ‖²), K the Jacobian at x of what the network expects under the class less what it expects under another:
     * no map, but what the class depends on is kept. Solved by conjugate gradients. Cost: some hundred products, with three networks.
     *
     * @param strength r = τ² / θ_max, θ_max the greatest Ritz value of JᵀJ
     * @param weight μ, how much dearer a change is that the class depends on most
     */
    record Evidence(double strength, double weight) implements Soft {
        /** The strength that was measured. */
        public static final double STRENGTH = 1;

        /** The weight that was measured. */
        public static final double WEIGHT = 30;

        /** Checks that the strength is a number above 0, and the weight one of at least 0. */
        public Evidence {
            checkStrength(strength);
            if (!(weight >= 0 && Double.isFinite(weight))) {
                throw new IllegalArgumentException(
                        "projection: the weight " + weight + " is not a number of at least 0");
            }
        }

        /** The numbers that were measured. */
        public Evidence() {
            this(STRENGTH, WEIGHT);
        }

        @Override
        public Evidence withStrength(double r) {
            return new Evidence(r, weight);
        }
    }

    private static void checkStrength(double r) {
        if (!(r > 0 && Double.isFinite(r))) {
            throw new IllegalArgumentException("projection: the strength " + r + " is not a number above 0");
        }
    }

    /** The names, in the order of the Javadoc. */
    List<String> NAMES = List.of("topk", "multistep", "selective", "local", "local-soft", "evidence");

    /** The projection of a name, with the numbers that were measured. */
    static Projection of(String name) {
        return switch (name) {
            case "topk" -> new TopK();
            case "multistep" -> new Multistep();
            case "selective" -> new Selective();
            case "local" -> new Local(EvidenceMap.DEFAULT);
            case "local-soft" -> new LocalSoft();
            case "evidence" -> new Evidence();
            default ->
                throw new IllegalArgumentException(
                        "projection: '" + name + "' is not one of " + String.join(", ", NAMES));
        };
    }

    /** The same with a map that compares with no more other classes than the model has. */
    default Projection fitting(DenoisingModel model) {
        return recipe().map(map -> withMap(map.fitting(model))).orElse(this);
    }

    /** The same by another map; itself, if it has none. */
    default Projection withMap(EvidenceMap other) {
        return switch (this) {
            case Local(EvidenceMap _) -> new Local(other);
            case LocalSoft(EvidenceMap _, double strength) -> new LocalSoft(other, strength);
            case TopK(), Multistep(), Selective(Selective.Choice _), Evidence(double _, double _) -> this;
        };
    }

    /** Its name. */
    default String title() {
        return switch (this) {
            case TopK() -> "topk";
            case Multistep() -> "multistep";
            case Selective(Selective.Choice by) -> by == Selective.Choice.GREEDY ? "selective, greedy" : "selective";
            case Local(EvidenceMap _) -> "local";
            case LocalSoft(EvidenceMap _, double _) -> "local-soft";
            case Evidence(double _, double _) -> "evidence";
        };
    }

    /** Whether it removes a number of directions; else it has a strength. */
    default boolean counts() {
        return !(this instanceof Soft);
    }

    /**
     * Why a network cannot be asked what this projection asks of it: for other classes than it has, or for no condition, where it does not know what stands for none.
     *
     * @param c under which samples are
     * @return a sentence; empty if it can be
     */
    default Optional<String> unmet(DenoisingModel model, Condition c) {
        boolean others = model.classes() > 1 && c.given().containsKey(Condition.CLASSES);
        boolean missing = switch (this) {
            case Selective _ -> !model.canDrop(c);
            case Evidence _ -> !others && !model.canDrop(c);
            default -> false;
        };
        return missing ? Optional.of(model.noNullCondition()) : recipe().flatMap(map -> map.unmet(model, c));
    }

    /** The recipe of the class-evidence map that it needs, if it does. */
    default Optional<EvidenceMap> recipe() {
        return switch (this) {
            case Local(EvidenceMap map) -> Optional.of(map);
            case LocalSoft(EvidenceMap map, double _) -> Optional.of(map);
            case TopK(), Multistep(), Selective(Selective.Choice _), Evidence(double _, double _) -> Optional.empty();
        };
    }

    /** The positions of its dial beside that at which nothing is removed: the directions computed, or strengths. */
    default int steps(int rank) {
        return counts() ? rank : Soft.STEPS;
    }

    /** What stands for a position of its dial: {@code k = 2}, or {@code r = 3}. */
    default String label(int step) {
        return switch (this) {
            case TopK(), Multistep(), Selective(Selective.Choice _), Local(EvidenceMap _) -> "k = " + step;
            case Soft soft ->
                "r = "
                        + BigDecimal.valueOf(soft.strengthAt(step))
                                .round(new MathContext(2))
                                .stripTrailingZeros()
                                .toPlainString();
        };
    }

    /**
     * x̃ = (I − V_k V_kᵀ) x for the first k rows of V (arXiv 2506.09955, CLARep), in double.
     *
     * @param x one latent, any shape
     * @param v orthonormal rows [n][size of x]
     * @return of x's shape and type
     */
    static Tensor remove(Tensor x, double[][] v, int k) {
        check(k, v);
        double[] y = x.toDoubles();
        if (v.length > 0 && v[0].length != y.length) {
            throw new IllegalArgumentException(
                    "projection: directions of length " + v[0].length + " for a latent " + x.shape());
        }
        Vectors.axpy(-1, within(y, v, k), y);
        return Tensor.of(y, x.shape().dims()).to(x.dtype());
    }

    /** V_k V_kᵀ x for the first k rows of V. */
    static double[] within(double[] x, double[][] v, int k) {
        check(k, v);
        double[][] first = Arrays.copyOf(v, k);
        double[] c = new double[k];
        for (int i = 0; i < k; i++) {
            c[i] = Vectors.dot(first[i], x);
        }
        return Vectors.combination(c, Arrays.asList(first), x.length);
    }

    private static void check(int k, double[][] v) {
        if (k < 0 || k > v.length) {
            throw new IllegalArgumentException("projection: k = " + k + " of " + v.length + " directions");
        }
    }
}

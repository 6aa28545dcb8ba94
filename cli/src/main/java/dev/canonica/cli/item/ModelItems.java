package dev.canonica.cli.item;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.CanonicalBatch;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.MemoryNeed;
import dev.canonica.clarid.OwnSetting;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.cli.option.MethodDefaults;
import dev.canonica.cli.option.ProjectionOptions;
import dev.canonica.cli.option.Removal;
import dev.canonica.cli.option.SamplerOptions;
import dev.canonica.cli.option.SvdOptions;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The items of {@code canonica run} for diffusion models: those of every network, inversion, sampling and CLAReps. */
public final class ModelItems implements NetworkItems.Network {
    private static final String KNOWN = NetworkItems.KNOWN + ", invert, sample, clarep, clarep:LAYER, clarep:LAYER:N";

    private final DenoisingModel model;
    private final ModelInputs in;
    private final Supplier<Sampler> sampler;
    private final SamplerOptions options;
    private final SvdOptions svd;
    private final ProjectionOptions projections;
    private final MethodDefaults defaults;
    private final NetworkItems items;

    /**
     * The items of a model on the arrays of a file.
     *
     * @param in what of the arrays goes into the network
     * @param sampler made when the first item needs one, so that others run without a schedule
     * @param defaults what an item takes that names no layer, and where no t_e is given
     */
    public ModelItems(
            DenoisingModel model,
            InputArrays arrays,
            ModelInputs in,
            Supplier<Sampler> sampler,
            SamplerOptions options,
            SvdOptions svd,
            ProjectionOptions projections,
            MethodDefaults defaults) {
        this.model = model;
        this.in = in;
        this.sampler = sampler;
        this.options = options;
        this.svd = svd;
        this.projections = projections;
        this.defaults = defaults;
        this.items = new NetworkItems(this, arrays, svd, KNOWN);
    }

    /** Computes one item, of those that {@link ItemOptions#check} lets through, and adds its arrays. */
    public void compute(String item, Map<String, Tensor> out) {
        String[] parts = item.split(":", -1);
        switch (parts[0] + "/" + (parts.length - 1)) {
            case "invert/0" -> out.put("inverted", invert());
            case "sample/0" -> sample(out);
            case "clarep/0" -> clarep(ownLayer(), CanonicalPipeline.RANK, out);
            case "clarep/1" -> clarep(parts[1], CanonicalPipeline.RANK, out);
            case "clarep/2" -> clarep(parts[1], Integer.parseInt(parts[2]), out);
            default -> items.compute(item, out);
        }
    }

    @Override
    public Map<String, Tensor> parameters() {
        return model.parameters();
    }

    @Override
    public List<String> layers() {
        return model.layers();
    }

    @Override
    public Tensor input() {
        return in.sample();
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        int batch = input().dim(0);
        int first = x.dim(0);
        return model.forward(
                w, x, in.times(batch).rows(0, first), in.condition(batch).rows(0, first), layer);
    }

    private Denoiser guided(Condition c) {
        return options.guided(model, c);
    }

    private Tensor invert() {
        Tensor x = in.sample();
        Sampler s = sampler.get();
        Denoiser denoiser = new GuidedDenoiser(model, in.condition(x.dim(0)));
        return s.invert(denoiser, x, s.at(defaults.te()), options.inversion());
    }

    private void sample(Map<String, Tensor> out) {
        Tensor x = in.sample();
        Sampler s = sampler.get();
        out.put("sampled", s.sample(guided(in.condition(x.dim(0))), x, s.at(options.te(1.0))));
    }

    private String ownLayer() {
        return defaults.layer(null)
                .orElseThrow(() -> new ModelException(
                        "--compute: 'clarep' names no layer, and the model has none of its own (%s): clarep:LAYER, such as clarep:%s"
                                .formatted(OwnSetting.FILE, layers().get(layers().size() / 2))));
    }

    private void clarep(String layer, int n, Map<String, Tensor> out) {
        Shape x = in.samples().shape();
        NetworkItems.checkRank("clarep:" + layer + ":" + n, n, x);
        Sampler s = sampler.get();
        int level = s.at(defaults.te());
        Projection projection = projections.projection(model, svd.seed());
        Removal.check(projection, level);
        projections.checkModel(projection, model, in.condition(x.dim(0)));
        CanonicalExtraction extraction = MemoryNeed.fitting( // before the inversion, which takes its time
                new CanonicalExtraction(model, s, level, options.inversion(), layer, svd.svd(n, 0)),
                x.without(0),
                in.condition(x.dim(0)).rows(0, 1),
                x.dim(0),
                NetworkItems.FEWER);
        CanonicalPipeline pipeline = new CanonicalPipeline(
                extraction,
                projection,
                projections.replacement(),
                projections.choice(n),
                options.guidance(model),
                Optional.empty());
        Tensor inverted = out.get("inverted");
        CanonicalBatch results = inverted == null
                ? pipeline.of(in.sample(), in.condition(x.dim(0)))
                : pipeline.ofLatents(in.sample(), inverted, in.condition(x.dim(0)));
        double tolerance = extraction.svd().tolerance();
        Map<String, Tensor> arrays = results.decomposition(tolerance);
        out.put("clarep", results.clarep());
        if (projection.counts()) {
            NetworkItems.warnOfUncertified(
                    "clarep:" + layer + ":" + n, new RandomizedSvd.Result(results.triples()), tolerance);
            for (String name : new String[] {"k", "evr", "s"}) {
                out.put("clarep/" + name, arrays.get(name));
            }
        }
        results.extras().forEach((name, t) -> out.put("clarep/" + name, t));
        out.put("canonical", results.canonical());
    }
}

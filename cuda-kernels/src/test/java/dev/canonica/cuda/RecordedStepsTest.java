package dev.canonica.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.DdimSampler.Inversion;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sampling and inversion on the device by recorded steps: the same bits as without, in every batch. */
@ExtendWith(OnTheDevice.class)
class RecordedStepsTest {
    private static final Path MODELS = Path.of(System.getProperty("canonica.golden", "../golden"), "models");
    private static final int STEPS = 2;
    private static final int BATCHES = 3;
    private static final int BATCH = 2;

    private final DdimSampler sampler = SamplerConfig.DIT.sampler(STEPS);
    private CudaDevice cuda;

    @BeforeEach
    void useDevice() {
        cuda = Emulated.device();
        System.setProperty(CudaRecorder.PROPERTY, "true");
    }

    @AfterEach
    void restore() {
        System.clearProperty(CudaRecorder.PROPERTY);
    }

    private static DenoisingModel model(String name) {
        Path dir = MODELS.resolve(name).resolve("model");
        if (!name.equals("sd21")) {
            return ModelDirectory.load(dir, DType.F32);
        }
        return ModelDirectory.textConditional(dir, DType.F32).orElseThrow();
    }

    private static Conditions conditions(DenoisingModel model) {
        return model.conditioning().contains(Condition.TEXTS)
                ? Conditions.texts(normal(7, 3, 5, 32), normal(8, 1, 5, 32))
                : Conditions.classesOf(model);
    }

    private static Tensor normal(long seed, int... dims) {
        return Tensor.normal(DType.F32, Shape.of(dims), new Philox(seed));
    }

    /** Batches of one network, each of other samples under other classes: there and back. */
    private List<float[]> batches(DenoisingModel model, double guidance) {
        List<float[]> results = new ArrayList<>();
        for (int b = 0; b < BATCHES; b++) {
            try (Scope _ = Scope.open()) {
                Tensor x = normal(b, model.sampleShape().prepend(BATCH).dims());
                Conditions all = conditions(model);
                Condition c = all.of(b % all.count(), (2 * b + 1) % all.count());
                GuidedDenoiser denoiser = guided(model, c, guidance, 0.25 * b);
                results.add(sampler.sample(denoiser, x, STEPS - 1).toFloats());
                Denoiser plain = new GuidedDenoiser(model, c);
                results.add(
                        sampler.invert(plain, x, STEPS - 1, Inversion.GUIDED).toFloats());
                results.add(sampler.invert(denoiser, x, STEPS - 1, Inversion.DIFFUSERS)
                        .toFloats());
            }
        }
        return results;
    }

    /** A network without a class that stands for none is led away from its first. */
    private static GuidedDenoiser guided(DenoisingModel model, Condition c, double guidance, double more) {
        return model.canDrop(c)
                ? new GuidedDenoiser(model, c, new double[] {guidance, guidance + more}, 3)
                : new GuidedDenoiser(model, c.otherwise(0), guidance + more, 3);
    }

    private void areTheSame(DenoisingModel model, double guidance) {
        List<float[]> expected = batches(model, guidance);
        List<float[]> recorded;
        int replayed;
        try (StepRecordings recordings = StepRecordings.open()) {
            recorded = batches(model, guidance);
            replayed = recordings.replayed();
        }
        assertThat(recorded).usingElementComparator(Arrays::compare).containsExactlyElementsOf(expected);
        assertThat(recorded.get(3)).isNotEqualTo(recorded.get(6));
        // the first time each is done as ever; sampling takes 2 steps, inverting 1, and 2 the other way
        assertThat(replayed).isEqualTo((BATCHES - 1) * (2 + 1 + 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dit_pixel", "unet_class", "sd21"})
    void haveTheSameBits(String name) {
        areTheSame(model(name), 2);
    }

    /** Sizes of images are embedded by the processor: where they lie there, a recording would go on with those that it was made with. */
    @Test
    void whatTheProcessorReadsIsNeverThatOfAnEarlierBatch() {
        Path dir = MODELS.resolve("unet_sdxl").resolve("model");
        DenoisingModel model = ModelDirectory.textConditional(dir, DType.F32).orElseThrow();
        List<float[]> expected = sizes(model);
        int replayed;
        List<float[]> recorded;
        try (StepRecordings recordings = StepRecordings.open()) {
            recorded = sizes(model);
            replayed = recordings.replayed();
        }
        assertThat(recorded).usingElementComparator(Arrays::compare).containsExactlyElementsOf(expected);
        assertThat(recorded.get(1)).isNotEqualTo(recorded.get(2));
        assertThat(replayed).isZero();
    }

    /** One sample under one text, for images of other sizes in each batch. */
    private List<float[]> sizes(DenoisingModel model) {
        List<float[]> results = new ArrayList<>();
        for (int b = 0; b < BATCHES; b++) {
            try (Scope _ = Scope.open()) {
                Tensor ids = Tensor.of(new double[] {64 << b, 64, 0, 0, 64 << b, 64}, 1, 6)
                        .to(DType.F32)
                        .to(Device.cpu());
                Condition c = Condition.texts(normal(7, 1, 5, 10))
                        .with(Condition.TEXT_EMBEDS, normal(8, 1, 10))
                        .with("time_ids", ids);
                Tensor x = normal(1, model.sampleShape().prepend(1).dims());
                results.add(sampler.sample(new GuidedDenoiser(model, c), x, 0).toFloats()); // one step
            }
        }
        return results;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    @Tag("emulator")
    void inEveryMode(Emulated.Mode mode) {
        try (EmulatedDriver _ = mode.begin()) {
            areTheSame(model("unet_class"), 2);
        }
    }

    @Test
    void aChangedConditionHasItsEffect() {
        DenoisingModel model = model("dit_pixel");
        Tensor x = normal(1, model.sampleShape().prepend(BATCH).dims());
        List<float[]> results = new ArrayList<>();
        try (StepRecordings recordings = StepRecordings.open()) {
            for (long y : new long[] {0, 0, 1, 0}) {
                GuidedDenoiser denoiser = new GuidedDenoiser(model, Condition.classes(y, 3), 2, 3);
                results.add(sampler.sample(denoiser, x, STEPS - 1).toFloats());
            }
            assertThat(recordings.replayed()).isEqualTo(3 * STEPS);
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
        assertThat(results.get(2)).isNotEqualTo(results.get(1));
        assertThat(results.get(3)).isEqualTo(results.get(0));
        int half = results.getFirst().length / 2; // the second sample's class is the same in all
        for (float[] r : results) {
            assertThat(Arrays.copyOfRange(r, half, 2 * half))
                    .isEqualTo(Arrays.copyOfRange(results.getFirst(), half, 2 * half));
        }
    }

    @Test
    void thePoolIsAsFullAfterwardsAsItWasBefore() {
        DenoisingModel model = model("dit_pixel");
        batches(model, 2); // reads the weights
        long live = cuda.liveBytes();
        try (StepRecordings _ = StepRecordings.open()) {
            batches(model, 2);
            assertThat(cuda.liveBytes()).isGreaterThan(live);
            try (StepRecordings inner = StepRecordings.open()) { // one of the outer span
                assertThat(inner.replayed()).isPositive();
            }
            assertThat(cuda.liveBytes()).isGreaterThan(live);
        }
        assertThat(cuda.liveBytes()).isEqualTo(live);
    }

    private record LookingWork(Denoiser.Work of) implements Denoiser.Work {
        @Override
        public Tensor predict(Tensor x, double time, List<Tensor> tensors) {
            return looked(of.predict(x, time, tensors));
        }
    }

    private static Tensor looked(Tensor out) {
        return out.times(out.norm() > 0 ? 1 : 2);
    }

    /** Of a network that looks at a value on the way. */
    private record Looking(GuidedDenoiser network) implements Denoiser {
        @Override
        public Tensor predict(Tensor x, double time) {
            return looked(network.predict(x, time));
        }

        @Override
        public Optional<Inputs> inputs() {
            return network.inputs().map(in -> new Inputs(new LookingWork(in.work()), in.tensors()));
        }
    }

    @Test
    void whatCannotBeRecordedIsDoneAsEverAfterOneWarning() {
        DenoisingModel model = model("dit_pixel");
        Tensor x = normal(1, model.sampleShape().prepend(BATCH).dims());
        Looking denoiser = new Looking(new GuidedDenoiser(model, Condition.classes(1, 2)));
        float[] expected;
        try (Tensor first = sampler.sample(denoiser, x, STEPS - 1)) {
            expected = first.toFloats();
        }
        List<String> warnings = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord warning) {
                warnings.add(warning.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("dev.canonica.models");
        logger.addHandler(handler);
        long live = cuda.liveBytes();
        try (StepRecordings recordings = StepRecordings.open()) {
            for (int i = 0; i < 3; i++) {
                try (Tensor y = sampler.sample(denoiser, x, STEPS - 1)) {
                    assertThat(y.toFloats()).isEqualTo(expected);
                }
            }
            assertThat(recordings.replayed()).isZero();
            assertThat(cuda.liveBytes()).isEqualTo(live);
        } finally {
            logger.removeHandler(handler);
        }
        int timestep = sampler.levels().timestep(STEPS - 1);
        assertThat(warnings)
                .containsExactly("steps are not recorded, which changes no result: the step at timestep " + timestep
                        + " of [2, 3, 16, 16]: a tensor is looked at, whose content is there after a replay only");
    }

    /** x times a number, which is there on the device. */
    private record Scaling(Tensor factor) implements Denoiser, Denoiser.Work {
        @Override
        public Tensor predict(Tensor x, double time) {
            return predict(x, time, List.of(factor));
        }

        @Override
        public Tensor predict(Tensor x, double time, List<Tensor> tensors) {
            return x.times(tensors.getFirst());
        }

        @Override
        public Optional<Inputs> inputs() {
            return Optional.of(new Inputs(WORK, List.of(factor)));
        }
    }

    private static final Denoiser.Work WORK = new Scaling(Tensor.scalar(DType.F32, 1));

    @Test
    void anyTensorIsAnInput() {
        Tensor x = normal(1, 1, 3, 2, 2);
        try (StepRecordings recordings = StepRecordings.open()) {
            for (long factor : new long[] {2, 2, 3, 2}) {
                Scaling denoiser = new Scaling(Tensor.of(new float[] {factor}, 1));
                float[] next = sampler.sample(denoiser, x, 0).toFloats();
                double alphaBar = sampler.levels().alphaBar(0); // the image is (x − √(1 − ᾱ) factor x) / √ᾱ
                float[] expected = x.times((1 - Math.sqrt(1 - alphaBar) * factor) / Math.sqrt(alphaBar))
                        .toFloats();
                for (int i = 0; i < next.length; i++) {
                    assertThat(next[i]).isCloseTo(expected[i], within(1e-5f));
                }
            }
            assertThat(recordings.replayed()).isEqualTo(3);
        }
    }

    @Test
    void areOffUnlessAskedFor() {
        System.clearProperty(CudaRecorder.PROPERTY);
        DenoisingModel model = model("dit_pixel");
        try (StepRecordings recordings = StepRecordings.open()) {
            for (int i = 0; i < 2; i++) {
                Tensor x = normal(1, model.sampleShape().prepend(1).dims());
                sampler.sample(new GuidedDenoiser(model, Condition.classes(i)), x, 0);
            }
            assertThat(recordings.replayed()).isZero();
        }
    }
}

package dev.canonica.models.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schedules, timesteps and single DDIM steps against those of facebookresearch/DiT and diffusers. */
class GoldenSchedulesTest {
    private static final Path CASE = Path.of(System.getProperty("canonica.golden"), "methods", "schedules");
    private static final Map<String, Tensor> INPUTS = Npz.read(CASE.resolve("inputs.npz"));
    private static final Map<String, Tensor> ARRAYS = Npz.read(CASE.resolve("expected.npz"));
    private static final JsonNode JSON = readJson();
    private static final NoiseSchedule LINEAR = NoiseSchedule.linear(1000, 1e-4, 0.02);

    private static JsonNode readJson() {
        try {
            return new ObjectMapper().readTree(CASE.resolve("expected.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NoiseSchedule schedule(String name) {
        return name.equals("scaled_linear")
                ? NoiseSchedule.of(name, 1000, 0.00085, 0.012)
                : NoiseSchedule.of(name, 1000, 1e-4, 0.02);
    }

    private static void assertRelative(double[] found, double[] expected, double tolerance) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).as("entry " + i).isCloseTo(expected[i], within(tolerance * Math.abs(expected[i])));
        }
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size())
                .map(i -> array.get(i).intValue())
                .toArray();
    }

    private static int[] reversed(int[] values) {
        return IntStream.range(0, values.length)
                .map(i -> values[values.length - 1 - i])
                .toArray();
    }

    /** The tests below look at every group of the case; none is left unread. */
    @Test
    void groupsOfTheCase() {
        assertThat(JSON.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "space_timesteps",
                        "space_timesteps_T300",
                        "respaced",
                        "diffusers_ddim",
                        "diffusers_ddim_inverse",
                        "steps");
        assertThat(ARRAYS.keySet().stream()
                        .map(name -> name.substring(0, name.indexOf('/')))
                        .distinct())
                .containsExactlyInAnyOrder("linear", "scaled_linear", "squaredcos_cap_v2", "respaced", "step");
        assertThat(ARRAYS)
                .hasSize(3 * 3
                        + 2 * JSON.get("respaced").size()
                        + JSON.get("steps").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "scaled_linear", "squaredcos_cap_v2"})
    void noiseSchedules(String name) {
        NoiseSchedule schedule = schedule(name);
        double[] betas = IntStream.range(0, 1000).mapToDouble(schedule::beta).toArray();
        double[] alphasBar =
                IntStream.range(0, 1000).mapToDouble(schedule::alphaBar).toArray();
        assertThat(schedule.steps()).isEqualTo(1000);
        assertRelative(betas, ARRAYS.get(name + "/betas").toDoubles(), 1e-12);
        assertRelative(alphasBar, ARRAYS.get(name + "/alphas_cumprod").toDoubles(), 1e-12);
        assertRelative(
                alphasBar, ARRAYS.get(name + "/alphas_cumprod_diffusers_f32").toDoubles(), 2e-5);
    }

    private static int[] spaced(int train, String spec) {
        return spec.startsWith("ddim")
                ? Timesteps.guided(train, Integer.parseInt(spec.substring("ddim".length())))
                : Timesteps.sections(
                        train,
                        Arrays.stream(spec.split(","))
                                .mapToInt(Integer::parseInt)
                                .toArray());
    }

    static Stream<Map.Entry<String, JsonNode>> spacings() {
        return JSON.get("space_timesteps").properties().stream();
    }

    @ParameterizedTest
    @MethodSource("spacings")
    void spaceTimesteps(Map.Entry<String, JsonNode> spacing) {
        if (spacing.getValue().has("error")) {
            assertThatThrownBy(() -> spaced(1000, spacing.getKey())).isInstanceOf(ModelException.class);
        } else {
            assertThat(spaced(1000, spacing.getKey())).containsExactly(ints(spacing.getValue()));
        }
    }

    @Test
    void spaceTimestepsOfThreeHundred() {
        for (Map.Entry<String, JsonNode> spacing :
                JSON.get("space_timesteps_T300").properties()) {
            assertThat(spaced(300, spacing.getKey())).containsExactly(ints(spacing.getValue()));
        }
    }

    static Stream<Map.Entry<String, JsonNode>> respacings() {
        return JSON.get("respaced").properties().stream();
    }

    /** A respaced process has the ᾱ of the retained timesteps, and the β that lead from one to the next. */
    @ParameterizedTest
    @MethodSource("respacings")
    void respaced(Map.Entry<String, JsonNode> respacing) {
        String spec = respacing.getKey();
        int[] retained = spaced(1000, spec);
        assertThat(retained).containsExactly(ints(respacing.getValue().get("timestep_map")));
        double[] alphasBar =
                Arrays.stream(retained).mapToDouble(LINEAR::alphaBar).toArray();
        assertRelative(
                alphasBar, ARRAYS.get("respaced/" + spec + "/alphas_cumprod").toDoubles(), 1e-12);
        double[] betas = IntStream.range(0, retained.length)
                .mapToDouble(i -> 1 - alphasBar[i] / (i == 0 ? 1 : alphasBar[i - 1]))
                .toArray();
        assertRelative(betas, ARRAYS.get("respaced/" + spec + "/betas").toDoubles(), 1e-12);
        if (spec.startsWith("ddim")) {
            Levels levels = Levels.of(LINEAR, retained.length, "guided", 0, true);
            for (int i = 0; i < levels.count(); i++) {
                assertThat(levels.timestep(i)).isEqualTo(retained[i]);
                assertThat(levels.alphaBar(i)).isEqualTo(alphasBar[i]);
                assertThat(levels.before(i)).isEqualTo(i == 0 ? 1 : alphasBar[i - 1]);
            }
        }
    }

    /** A line such as {@code leading,offset=1,steps=16}. */
    private record Spacing(String name, int offset, int steps) {
        static Spacing of(String line) {
            String[] parts = line.split(",");
            return new Spacing(
                    parts[0],
                    Integer.parseInt(parts[1].substring("offset=".length())),
                    Integer.parseInt(parts[2].substring("steps=".length())));
        }

        Levels levels(boolean alphaToOne) {
            return Levels.of(LINEAR, steps, name, offset, alphaToOne);
        }
    }

    static Stream<Map.Entry<String, JsonNode>> diffusersSpacings() {
        return JSON.get("diffusers_ddim").properties().stream();
    }

    @ParameterizedTest
    @MethodSource("diffusersSpacings")
    void diffusersTimesteps(Map.Entry<String, JsonNode> line) {
        Spacing spacing = Spacing.of(line.getKey());
        int[] timesteps = reversed(ints(line.getValue().get("timesteps")));
        int[] previous = reversed(ints(line.getValue().get("prev")));
        if (timesteps[timesteps.length - 1] >= 1000) { // diffusers lists it, and fails when it gets there
            assertThatThrownBy(() -> spacing.levels(true))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("1000");
            return;
        }
        JsonNode inverse = JSON.get("diffusers_ddim_inverse").get(line.getKey());
        assertThat(inverse == null).isEqualTo(spacing.name.equals("linspace"));
        if (inverse != null) {
            assertThat(ints(inverse)).containsExactly(timesteps);
        }
        for (boolean alphaToOne : new boolean[] {true, false}) {
            Levels levels = spacing.levels(alphaToOne);
            assertThat(levels.count()).isEqualTo(spacing.steps);
            for (int i = 0; i < levels.count(); i++) {
                assertThat(levels.timestep(i)).isEqualTo(timesteps[i]);
                assertThat(levels.alphaBar(i)).isEqualTo(LINEAR.alphaBar(timesteps[i]));
                double end = alphaToOne ? 1 : LINEAR.alphaBar(0);
                assertThat(levels.before(i)).isEqualTo(previous[i] < 0 ? end : LINEAR.alphaBar(previous[i]));
            }
        }
    }

    @Test
    void everyInverseListBelongsToADirectOne() {
        assertThat(JSON.get("diffusers_ddim").fieldNames())
                .toIterable()
                .containsAll(() -> JSON.get("diffusers_ddim_inverse").fieldNames());
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void singleSteps(DType dtype) {
        Tensor x = INPUTS.get("sample").to(dtype);
        Tensor output = INPUTS.get("model_output").to(dtype);
        for (Map.Entry<String, JsonNode> line : JSON.get("steps").properties()) {
            String[] parts = line.getKey().split(",");
            boolean alphaToOne = parts[1].equals("set_alpha_to_one=True");
            int t = line.getValue().get("t").intValue();
            DdimSampler sampler = new SamplerConfig(
                            "scaled_linear",
                            0.00085,
                            0.012,
                            1000,
                            parts[0],
                            "leading",
                            1,
                            alphaToOne,
                            SamplerConfig.NO_CLIP)
                    .sampler(50);
            Levels levels = sampler.levels();
            int level = IntStream.range(0, 50)
                    .filter(i -> levels.timestep(i) == t)
                    .findFirst()
                    .orElseThrow();
            double from = line.getValue().get("alpha_t").doubleValue();
            double to = line.getValue().get("alpha_prev").doubleValue();
            assertThat(levels.alphaBar(level)).isCloseTo(from, within(1e-12 * from));
            assertThat(levels.before(level)).isCloseTo(to, within(1e-12 * to));

            double[] expected = ARRAYS.get("step/" + line.getKey()).toDoubles();
            double tolerance = dtype == DType.F64 ? 1e-10 : t > 900 ? 1e-4 : 1e-5;
            Tensor stepped = sampler.prediction().step(x, output, levels.alphaBar(level), levels.before(level));
            assertThat(stepped.dtype()).isEqualTo(dtype);
            assertThat(stepped.toDoubles()).as(line.getKey()).containsExactly(expected, within(tolerance));
            if (level == 0) {
                assertThat(sampler.sample((latent, timestep) -> output, x, 0).toDoubles())
                        .containsExactly(expected, within(tolerance));
            }
        }
    }
}

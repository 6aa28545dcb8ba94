package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.io.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code canonica train} of U-Nets. */
class TrainUnetTest {
    private static final String CONFIG = """
            {"_class_name": "UNet2DModel", "sample_size": 8, "in_channels": 3, "out_channels": 3, "layers_per_block": 1,
             "block_out_channels": [4, 8], "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
             "up_block_types": ["AttnUpBlock2D", "UpBlock2D"], "norm_num_groups": 2, "attention_head_dim": 4,
             "num_class_embeds": 3, "null_class": 2}
            """;

    @TempDir
    private Path temp;

    private Path images;
    private Path config;
    private Path out;

    @BeforeEach
    void prepare() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 9);
        config = Files.writeString(temp.resolve("unet.json"), CONFIG);
        out = temp.resolve("model");
    }

    private Outcome train(Object... more) {
        List<Object> all = new ArrayList<>(List.of(
                "train", "--data", images, "--out", out, "--batch", 4, "--images", 12, "--warmup", 1, "--threads", 1));
        all.addAll(List.of(more));
        return Outcome.run(all.toArray());
    }

    /** Killed before some operations on files, in the first and in a later save, and run again: every file is that of a run that was left alone. */
    @Test
    void killedAndResumedGivesTheSameFiles() throws IOException {
        Object[] options = {"--model", config, "--save-every", 0, "--flip"};
        Runnable run = () -> assertThat(train(options)).isEqualTo(new Outcome(0, "", ""));
        run.run();
        Map<String, String> whole = TrainFiles.of(out);
        Path first = out;
        for (int at : new int[] {3, 40, 75}) {
            out = temp.resolve("killed" + at);
            assertThat(Kills.killed(at, run)).isTrue();
            run.run();
            assertThat(TrainFiles.of(out)).isEqualTo(whole);
        }
        out = first;
        Map<String, ?> written = JsonText.read(out.resolve("best/config.json"));
        assertThat(written.get("null_class")).isEqualTo(2L);
        Outcome sample = Outcome.run(
                "sample",
                "--model",
                out.resolve("best"),
                "--guidance",
                2,
                "--steps",
                2,
                "--count",
                1,
                "--out",
                temp.resolve("s.png"));
        assertThat(sample).isEqualTo(new Outcome(0, "", ""));
        Path further = temp.resolve("further");
        Object[] from = {
            "train", "--data", images, "--from", out, "--out", further, "--batch", 4, "--images", 4, "--warmup", 0
        };
        assertThat(Outcome.run(from)).isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        Path none = Files.writeString(
                temp.resolve("none.json"),
                CONFIG.replace("\"num_class_embeds\": 3, \"null_class\": 2", "\"num_class_embeds\": 2"));
        assertThat(train("--model", none).err())
                .contains("label-dropout 0.1: the model has no class that stands for no condition");
        assertThat(train("--model", none, "--label-dropout", 0)).isEqualTo(new Outcome(0, "", ""));
        out = temp.resolve("other");
        Path more = Files.writeString(
                temp.resolve("more.json"), CONFIG.replace("\"null_class\": 2", "\"center_input_sample\": false"));
        assertThat(train("--model", more).err())
                .isEqualTo("canonica train: --model " + more
                        + ": a model of images [B, 3, H, W] with H and W multiples of 2 and 3 classes; " + images
                        + " has [3, 8, 8] and 2\n");
        Path unsized = Files.writeString(temp.resolve("unsized.json"), CONFIG.replace("\"sample_size\": 8, ", ""));
        assertThat(train("--model", unsized).err()).contains("sample_size is null");
        assertThat(train("--model", Files.writeString(temp.resolve("r.json"), "{\"_class_name\": \"ResNet\"}"))
                        .err())
                .contains("_class_name 'ResNet'; a DiT or UNet2DModel is needed");
        assertThat(train("--model", "UNet").err()).contains("UNet");
        assertThat(out).doesNotExist();
    }

    /** Under no condition where a network takes none. */
    @Test
    void anUnconditionalNetworkLearns() throws IOException {
        Path free = Files.writeString(
                temp.resolve("free.json"),
                CONFIG.replace("\"num_class_embeds\": 3, \"null_class\": 2", "\"center_input_sample\": false"));
        assertThat(train("--model", free, "--label-dropout", 0)).isEqualTo(new Outcome(0, "", ""));
        assertThat(out.resolve("report.html")).content().contains("no class");
    }
}

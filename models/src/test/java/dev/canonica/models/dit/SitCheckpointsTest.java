package dev.canonica.models.dit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.io.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DiT and SiT have the same tensors: which of them a checkpoint is, is told by the options that it was trained with, or by its name, or said to be assumed. */
class SitCheckpointsTest {
    private static final Path FILES = Path.of("src/test/resources/checkpoints");

    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource({
        "0400000-sit.pt, true",
        "SiT-by-name-dit-by-options.pt, false",
        "0400000.pt, false",
        "DiT-S-2-256x256.pt, false"
    })
    void optionsCountBeforeTheName(String name, boolean flow) {
        assertThat(Sit.isPublished(Checkpoint.open(FILES.resolve(name)))).isEqualTo(flow);
    }

    @Test
    void theNameCountsWhereThereAreNoOptions() throws Exception {
        Path named = Files.copy(FILES.resolve("0400000.pt"), dir.resolve("SiT-XL-2-256x256.pt"));
        assertThat(Sit.isPublished(Checkpoint.open(named))).isTrue();
        assertThat(Sit.assumption(Checkpoint.open(named))).isEmpty();
    }

    @Test
    void whatIsAssumedIsSaid() {
        Path file = FILES.resolve("0400000.pt");
        assertThat(Sit.assumption(Checkpoint.open(file)))
                .hasValueSatisfying(note -> assertThat(note).startsWith(file + ": taken for a DiT; a SiT has"));
        for (String told :
                new String[] {"0400000-sit.pt", "SiT-by-name-dit-by-options.pt", "DiT-S-2-256x256.pt", "resnet.pth"}) {
            assertThat(Sit.assumption(Checkpoint.open(FILES.resolve(told))))
                    .as(told)
                    .isEmpty();
        }
    }
}

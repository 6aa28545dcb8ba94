package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.io.FileWatch;
import dev.canonica.tensor.io.FileWatch.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Kills a command before each of its operations on files in turn, runs it again, and compares all that it wrote with what an undisturbed run does. */
final class Kills {
    private Kills() {}

    /** What a command's process is from then on: nothing of it is heard any more, no clearing up either. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Kills before every operation. */
    static List<Operation> everywhere(Path out, Runnable run) {
        return before(EnumSet.allOf(Operation.class), out, run);
    }

    /**
     * Kills before every operation of some kinds.
     *
     * @param out the folder that the command writes to; it is deleted before each run
     * @param run runs the command to its end, which must be a success
     * @return the operations of the undisturbed run
     */
    static List<Operation> before(Set<Operation> kinds, Path out, Runnable run) {
        List<Operation> operations = new ArrayList<>();
        FileWatch.during((operation, file) -> operations.add(operation), run);
        Map<String, String> whole = TrainFiles.of(out);
        assertThat(whole).isNotEmpty();
        for (int n = 0; n < operations.size(); n++) {
            if (!kinds.contains(operations.get(n))) {
                continue;
            }
            delete(out);
            String where = "killed before operation " + n + ", " + operations.get(n);
            assertThat(killed(n, run)).as(where).isTrue();
            run.run();
            Map<String, String> resumed = TrainFiles.of(out);
            assertThat(resumed.keySet()).as(where).isEqualTo(whole.keySet());
            whole.forEach((name, content) ->
                    assertThat(resumed.get(name)).as("%s: %s", where, name).isEqualTo(content));
        }
        return operations;
    }

    /** Runs a command that is killed before one of its operations on files, counted from 0; gives false where it has fewer. */
    static boolean killed(int at, Runnable run) {
        int[] left = {at};
        try {
            FileWatch.during(
                    (operation, file) -> {
                        if (left[0]-- <= 0) {
                            throw new Killed();
                        }
                    },
                    run);
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

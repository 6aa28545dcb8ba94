package dev.canonica.cli.audit;

import java.util.List;
import java.util.Optional;

/**
 * A golden case: what a reference implementation made of given inputs.
 *
 * @param folder in the repository, such as {@code golden/models/dit_pixel}
 * @param what is computed, as its {@code case.json} says
 * @param reference by what, in which version
 * @param tolerance that its {@code case.json} gives
 * @param test the test that runs it
 * @param run what came of it now; empty where it is only listed, for no command takes it
 */
public record GoldenCase(
        String folder, String what, String reference, String tolerance, String test, Optional<Run> run) {
    /**
     * A run.
     *
     * @param compared arrays
     * @param share the worst error, as a share of what was allowed of that array
     * @param worst that array, its error and what was allowed
     * @param misses a line for each array that misses, or why there was nothing to compare
     */
    public record Run(int compared, double share, String worst, List<String> misses) {
        /** Whether all arrays are the reference's. */
        public boolean holds() {
            return misses.isEmpty();
        }
    }

    /** Its folder's own name. */
    public String name() {
        return folder.substring(folder.lastIndexOf('/') + 1);
    }

    /** What it counts among the checks: nothing where it is only listed. */
    boolean misses() {
        return run.isPresent() && !run.get().holds();
    }
}

package dev.canonica.models.unet;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A network as the list of its modules in the order of computation. The long skip connections of a U-Net (Ronneberger et al. 2015) are a
 * stack: some modules push their output, and others are given their input joined with what is on top.
 */
final class Chain {
    /**
     * @param joins whether the input is joined with the top of the stack
     * @param keeps whether the output goes on the stack
     * @param containers paths of the modules that end here and have the same output
     */
    private record Step(Part part, boolean joins, boolean keeps, List<String> containers) {}

    private final List<Step> steps = new ArrayList<>();

    Chain add(Part part) {
        steps.add(new Step(part, false, false, List.of()));
        return this;
    }

    /** As {@link #add}, joined with the top of the stack. */
    Chain addJoined(Part part) {
        steps.add(new Step(part, true, false, List.of()));
        return this;
    }

    /** The last module's output goes on the stack. */
    Chain keep() {
        Step s = steps.removeLast();
        steps.add(new Step(s.part, s.joins, true, s.containers));
        return this;
    }

    /** The last module ends the module {@code path}, which has the same output. */
    Chain end(String path) {
        Step s = steps.removeLast();
        List<String> all = new ArrayList<>(s.containers);
        all.add(path);
        steps.add(new Step(s.part, s.joins, s.keeps, List.copyOf(all)));
        return this;
    }

    void declare(StateDict.Shapes shapes) {
        steps.forEach(s -> s.part.declare(shapes));
    }

    /** All module paths in the order of computation, {@code output} last. */
    List<String> layers() {
        Set<String> names = new LinkedHashSet<>();
        for (Step s : steps) {
            names.addAll(s.part.inner());
            names.add(s.part.path());
            names.addAll(s.containers);
        }
        names.add(Probe.OUTPUT);
        return List.copyOf(names);
    }

    private static Var step(Pass pass, Step s, Var x) {
        Var y = pass.run(s.part, x);
        for (String container : s.containers) {
            pass.seen(container, y);
        }
        return y;
    }

    /** The output of the module that the pass's probe looks for, or of the last. */
    Var forward(Pass pass, Var input) {
        Probe probe = pass.probe();
        if (probe.found()) {
            return probe.value();
        }
        Deque<Var> skips = new ArrayDeque<>();
        Var x = input;
        for (Step s : steps) {
            if (s.joins) {
                x = Layouts.concatenate(1, x, skips.pop());
            }
            x = step(pass, s, x);
            if (probe.found()) {
                return probe.value();
            }
            if (s.keeps) {
                skips.push(x);
            }
        }
        if (!skips.isEmpty()) {
            throw new ModelException("skip connections are left over: down and up blocks do not match");
        }
        return x;
    }
}

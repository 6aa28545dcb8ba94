package dev.canonica.models.nn;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.StateDict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/**
 * Parts in the order of computation, each a {@linkplain Pass#run segment}. The long skip connections of a U-Net (Ronneberger et al. 2015) are a stack:
 * some parts push their output, and others are given their input joined with what is on top.
 */
public final class Chain implements Layer {
    /**
     * @param joins whether the input is joined with the top of the stack
     * @param keeps whether the output goes on the stack
     * @param containers modules that end here and have the same output
     */
    private record Step(Part part, boolean joins, boolean keeps, List<Container> containers) {}

    private final String path;
    private final List<Step> steps = new ArrayList<>();

    /** A chain without parts yet; it is itself no module of the reference. */
    public Chain() {
        this("");
    }

    /** As {@link #Chain()}, for a chain that is the module {@code path}. */
    public Chain(String path) {
        this.path = path;
    }

    /** The module's path; empty if it is none. */
    @Override
    public String path() {
        return path;
    }

    /** Adds a part. */
    public Chain add(Part part) {
        steps.add(new Step(part, false, false, List.of()));
        return this;
    }

    /** As {@link #add}, joined with the top of the stack. */
    public Chain addJoined(Part part) {
        steps.add(new Step(part, true, false, List.of()));
        return this;
    }

    /** The last part's output goes on the stack. */
    public Chain keep() {
        Step s = steps.removeLast();
        steps.add(new Step(s.part, s.joins, true, s.containers));
        return this;
    }

    /** The last part ends the module {@code path}, which has the same output. */
    public Chain end(String module) {
        Step s = steps.removeLast();
        List<Container> all = new ArrayList<>(s.containers);
        all.add(new Container(module, s.part));
        steps.add(new Step(s.part, s.joins, s.keeps, List.copyOf(all)));
        return this;
    }

    @Override
    public void declare(StateDict.Shapes shapes) {
        steps.forEach(s -> s.part.declare(shapes));
    }

    @Override
    public void list(Collection<String> paths) {
        for (Step s : steps) {
            s.part.list(paths);
            s.containers.forEach(container -> paths.add(container.path()));
        }
        if (!path.isEmpty()) {
            paths.add(path);
        }
    }

    /** A part that enlarges, for outputs of this height and width: those of the skip connection that they will be joined with. */
    private static Part to(Enlarging part, int height, int width) {
        return new Part() {
            @Override
            public String path() {
                return part.path();
            }

            @Override
            public void declare(StateDict.Shapes shapes) {
                part.declare(shapes);
            }

            @Override
            public Var forward(Pass pass, Var x) {
                boolean doubles = height == 2 * x.dim(2) && width == 2 * x.dim(3);
                return doubles ? part.forward(pass, x) : part.forward(pass, x, height, width);
            }
        };
    }

    /** The output of the last part; any value at all once the pass has {@linkplain Pass#found found} what is wanted. */
    public Var forward(Pass pass, Var input) {
        Deque<Var> skips = new ArrayDeque<>();
        Var x = input;
        for (Step s : steps) {
            if (pass.found()) {
                return x;
            }
            Var skip = skips.peek();
            Part part = s.part instanceof Enlarging e && skip != null ? to(e, skip.dim(2), skip.dim(3)) : s.part;
            Var y = pass.run(part, s.joins ? Layouts.concatenate(1, x, skips.pop()) : x);
            s.containers.forEach(container -> pass.seen(container, y));
            if (s.keeps) {
                skips.push(y);
            }
            x = y;
        }
        if (!pass.found() && !skips.isEmpty()) {
            throw new ModelException("skip connections are left over: down and up blocks do not match");
        }
        return path.isEmpty() ? x : pass.seen(this, x);
    }
}

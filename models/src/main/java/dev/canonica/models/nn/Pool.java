package dev.canonica.models.nn;

import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.operation.PoolWindow;

/** Pooling of planes [B, C, H, W] by a square window, without parameters. */
public record Pool(String path, Kind kind, PoolWindow window) implements Part {
    /** What is taken of a window. */
    public enum Kind {
        /** The greatest. */
        MAX,
        /** The mean, padding counted as zeros. */
        AVERAGE
    }

    /** The greatest of tiles of size × size. */
    public static Pool max(String path, int size) {
        return new Pool(path, Kind.MAX, PoolWindow.tiles(size));
    }

    /** The means of tiles of size × size. */
    public static Pool average(String path, int size) {
        return new Pool(path, Kind.AVERAGE, PoolWindow.tiles(size));
    }

    @Override
    public void declare(StateDict.Shapes shapes) {
        // there are no parameters
    }

    @Override
    public Var forward(Pass pass, Var x) {
        return switch (kind) {
            case MAX -> Pooling.max(window, x);
            case AVERAGE -> Pooling.average(window, x);
        };
    }
}

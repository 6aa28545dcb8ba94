package dev.canonica.tensor.operation;

import dev.canonica.tensor.Device;
import org.jspecify.annotations.Nullable;

/** A {@link Device} that may factorise matrices itself: {@link LinearAlgebra} asks it first. */
public interface FactorisingDevice {
    /** The device's own factorisations; null where it leaves them to the processor. */
    @Nullable
    Factorisations factorisations();
}

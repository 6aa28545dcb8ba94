package dev.canonica.tensor.kernel;

import java.util.Locale;

/** In which form the kernels of F32 run; {@code -Dcanonica.kernels=emitted|vector|scalar} asks for one. All forms of matrix products give the same bits. */
public enum KernelForm {
    /**
     * Matrix products, and with AVX-512 functions of elements and rows, by machine code written at run time, all else by the Vector API; what cannot be emitted
     * here runs as {@link #VECTOR}.
     */
    EMITTED,
    /** Everything by the Vector API. */
    VECTOR,
    /** Plain loops. */
    SCALAR;

    /** The system property that asks for the form of the processor; a device can be made of any. */
    public static final String PROPERTY = "canonica.kernels";

    /**
     * The form asked for, EMITTED by default.
     *
     * @throws IllegalArgumentException if the property names none
     */
    public static KernelForm asked() {
        String name = System.getProperty(PROPERTY, "emitted");
        for (KernelForm form : values()) {
            if (form.name().toLowerCase(Locale.ROOT).equals(name)) {
                return form;
            }
        }
        throw new IllegalArgumentException("-D" + PROPERTY + ": '" + name + "' is not one of emitted, vector, scalar");
    }
}

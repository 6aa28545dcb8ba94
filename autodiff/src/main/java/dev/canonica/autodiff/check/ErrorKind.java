package dev.canonica.autodiff.check;

/**
 * What is compared. Every error is relative, in the maximum norm for tensors; those of derivatives are relative to the greater of ‖J v‖
 * and ‖y‖ ‖v‖ / ‖x‖, so that a derivative which vanishes because large terms cancel is held to the size of these terms.
 */
public enum ErrorKind {
    /** y in F32 against F64. */
    VALUE("value"),
    /** J v in F32 against F64. */
    PUSH("push"),
    /** Jᵀ u in F32 against F64. */
    PULL("pull"),
    /** ⟨u, J v⟩ − ⟨Jᵀ u, v⟩ in F32. */
    ADJOINT("adjoint"),
    /** A block in F32 against its directions one by one, and tangents of all inputs against the sum over inputs one by one. */
    BLOCK("block"),
    /** J v in F64 against central differences. */
    PUSH_DIFFERENCE("push F64"),
    /** ⟨Jᵀ u, v⟩ in F64 against u times central differences. */
    PULL_DIFFERENCE("pull F64"),
    /** ⟨u, J v⟩ − ⟨Jᵀ u, v⟩ in F64. */
    ADJOINT_F64("adjoint F64"),
    /** H(u) v, the second derivative of a primitive, in F32 against F64; relative to ‖Jᵀ u‖ ‖v‖ / ‖x‖ and ‖y‖ ‖u‖ ‖v‖ / ‖x‖², too. */
    SECOND("second"),
    /** H(u) v in F64 against central differences of Jᵀ u. */
    SECOND_DIFFERENCE("second F64"),
    /** ⟨v₁, H(u) v₀⟩ − ⟨v₀, H(u) v₁⟩ in F64. */
    SYMMETRY_F64("symmetry F64");

    private final String title;

    ErrorKind(String title) {
        this.title = title;
    }

    /** As over a column of a table. */
    public String title() {
        return title;
    }
}

package dev.canonica.tensor.kernel;

/**
 * The sizes of scaled dot-product attention (Vaswani et al., 2017, equation 1), see {@link Kernels#attention}:
 *
 * <pre>
 *   S = scale · Q Kᵀ      P = softmax(S)      O = P V
 *
 *   push   dS = scale · (dQ Kᵀ + Q dKᵀ)      dP = P ⊙ (dS − ⟨P, dS⟩)      dO = dP V + P dV
 *   pull   dV = Pᵀ U      dS = P ⊙ (U Vᵀ − ⟨P, U Vᵀ⟩)      dQ = scale · dS K      dK = scale · dSᵀ Q
 * </pre>
 *
 * <p>No T×T matrix is kept: the value leaves only log Σ exp of each row of S behind, from which push and pull compute P again (as in Dao et al.
 * 2022, arXiv 2205.14135). No widely used framework has the forward mode of a fused attention.
 *
 * @param batch independent sequences
 * @param heads heads; head h takes columns [h · width, (h + 1) · width) of a row
 * @param queries rows of Q and O in a sequence
 * @param keys rows of K and V in a sequence
 * @param width columns of a head
 * @param scale usually 1/√width
 * @param strideQ from one row of Q to the next, in elements, likewise for K and V: rows may be parts of longer ones
 */
public record Attention(
        int batch, int heads, int queries, int keys, int width, double scale, int strideQ, int strideK, int strideV) {
    /** Addresses of Q, K and V, or of their tangents or cotangents. */
    public record Operands(long q, long k, long v) {
        /** Of one tensor that has Q, K and V in parts of a row, so many bytes each. */
        public static Operands packed(long address, long part) {
            return new Operands(address, address + part, address + 2 * part);
        }
    }

    /** From one row of O to the next, in elements. */
    public int strideO() {
        return heads * width;
    }
}

// Stand-in for cuBLAS: products of matrices, column-major, accumulated in double.
#include "library.h"

#include <cstdio>
#include <cstring>
#include <vector>

using namespace emulator;

namespace {

enum Status : int { OK = 0, NOT_INITIALISED = 1, ALLOCATION_FAILED = 3, INVALID = 7, MAPPING_ERROR = 11, EXECUTION_FAILED = 13, UNSUPPORTED = 15 };
enum Type : int { F32 = 0, F64 = 1, F16 = 2, BF16 = 14 }; // cudaDataType
enum MathMode : int { PEDANTIC = 2, TF32_TENSOR_OP = 3 };

struct Context {
    emulator::Handle stream = nullptr;
    int pointer_mode = 0; // 1: alpha and beta lie on the device
    int math = 0;
    bool workspace = false; // given by the caller
};

size_t bytes(int type) { return type == F64 ? 8 : type == F32 ? 4 : 2; }

float widen(uint16_t bf16) {
    const uint32_t bits = (uint32_t) bf16 << 16;
    float f;
    memcpy(&f, &bits, 4);
    return f;
}

// Rounded to nearest even after so many bits of the mantissa.
float round_mantissa(float f, int kept) {
    uint32_t bits;
    memcpy(&bits, &f, 4);
    if ((bits & 0x7f800000u) == 0x7f800000u) return f;
    const int dropped = 23 - kept;
    bits += (1u << (dropped - 1)) - 1 + (bits >> dropped & 1);
    bits &= ~0u << dropped;
    memcpy(&f, &bits, 4);
    return f;
}

double load(const void *p, size_t i, int type) {
    switch (type) {
        case F32: return ((const float *) p)[i];
        case F64: return ((const double *) p)[i];
        case F16: return (double) ((const _Float16 *) p)[i];
        default: return widen(((const uint16_t *) p)[i]);
    }
}

void store(void *p, size_t i, int type, double value) {
    switch (type) {
        case F32: ((float *) p)[i] = (float) value; break;
        case F64: ((double *) p)[i] = value; break;
        case F16: ((_Float16 *) p)[i] = (_Float16) value; break;
        default: {
            const float rounded = round_mantissa((float) value, 7);
            uint32_t bits;
            memcpy(&bits, &rounded, 4);
            ((uint16_t *) p)[i] = (uint16_t) (bits >> 16);
        }
    }
}

// How a compute type takes in F32 operands (cublasComputeType_t), and the type of alpha and beta.
struct Compute {
    int scale;      // type of alpha and beta
    int mantissa;   // bits kept of F32 operands; 23: all
    bool known = true;
};

Compute compute(int type, int math) {
    switch (type) {
        case 64: case 65: return {F16, 23};
        case 68: return {F32, math == TF32_TENSOR_OP ? 10 : 23};
        case 69: return {F32, 23};
        case 70: case 71: return {F64, 23};
        case 74: return {F32, 10}; // FAST_16F: the exponent's range is not emulated
        case 75: return {F32, 7};
        case 77: return {F32, 10};
        default: return {F32, 23, false};
    }
}

struct Operand {
    const void *p;
    int type;
    int leading;
    long long stride; // from one matrix of the batch to the next
};

// op(X) of matrix number i, so that the elements summed over are neighbours: row r, element l at r k + l.
void gather(const Operand &x, int i, bool along_columns, int rows, int k, int mantissa, std::vector<double> &to) {
    for (int r = 0; r < rows; r++)
        for (int l = 0; l < k; l++) {
            const size_t at = (along_columns ? l + (size_t) r * x.leading : r + (size_t) l * x.leading) + i * x.stride;
            const double value = load(x.p, at, x.type);
            to[(size_t) r * k + l] = x.type == F32 && mantissa < 23 ? round_mantissa((float) value, mantissa) : value;
        }
}

double dot(const double *a, const double *b, int n) {
    double sums[4] = {};
    int i = 0;
    for (; i + 4 <= n; i += 4)
        for (int j = 0; j < 4; j++) sums[j] += a[i + j] * b[i + j];
    for (; i < n; i++) sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

bool lies_on_device(const char *what, const Operand &x, int rows, int columns, int batch) {
    const size_t elements = (size_t) (columns - 1) * x.leading + rows + (batch - 1) * x.stride;
    return !emulator_check(what, (DevicePointer) x.p, elements * bytes(x.type));
}

// C = alpha op(A) op(B) + beta C for a batch; m x k, k x n, m x n.
int gemm(emulator::Handle handle, int transpose_a, int transpose_b, int m, int n, int k, const void *alpha, Operand a, Operand b, const void *beta,
        Operand c, int batch, Compute how) {
    if (!handle) return NOT_INITIALISED;
    if (!how.known) return UNSUPPORTED;
    if (m < 0 || n < 0 || k < 0 || batch < 0 || transpose_a < 0 || transpose_a > 2 || transpose_b < 0 || transpose_b > 2) return INVALID;
    const int a_rows = transpose_a ? k : m, a_columns = transpose_a ? m : k, b_rows = transpose_b ? n : k, b_columns = transpose_b ? k : n;
    if (a.leading < std::max(1, a_rows) || b.leading < std::max(1, b_rows) || c.leading < std::max(1, m)) return INVALID;
    if (!m || !n || !batch) return OK;
    if (k && !(lies_on_device("A", a, a_rows, a_columns, batch) && lies_on_device("B", b, b_rows, b_columns, batch))) return MAPPING_ERROR;
    if (!lies_on_device("C", c, m, n, batch)) return MAPPING_ERROR;
    const auto *context = (const Context *) handle;
    if (emulator_is_capturing(context->stream) && !context->workspace) { // the real library would allocate one in the graph, again for each
        fputs("cuda-emulator: cuBLAS: no workspace was set for a stream that is captured\n", stderr);
        return ALLOCATION_FAILED;
    }
    const bool on_device = context->pointer_mode;
    const double host_alpha = on_device ? 0 : load(alpha, 0, how.scale), host_beta = on_device ? 0 : load(beta, 0, how.scale);
    const bool done = put(context->stream, [=] {
        const double al = on_device ? load(alpha, 0, how.scale) : host_alpha, be = on_device ? load(beta, 0, how.scale) : host_beta;
        std::vector<double> rows((size_t) m * k), columns((size_t) n * k);
        for (int q = 0; q < batch; q++) {
            gather(a, q, transpose_a, m, k, how.mantissa, rows);
            gather(b, q, !transpose_b, n, k, how.mantissa, columns);
            for (int j = 0; j < n; j++)
                for (int i = 0; i < m; i++) {
                    const size_t at = i + (size_t) j * c.leading + q * c.stride;
                    const double product = al * dot(&rows[(size_t) i * k], &columns[(size_t) j * k], k);
                    store((void *) c.p, at, c.type, be == 0 ? product : product + be * load(c.p, at, c.type)); // beta = 0: C is not read
                }
        }
    });
    return done ? OK : EXECUTION_FAILED;
}

Compute plain(emulator::Handle handle, int type) {
    if (type == F64) return {F64, 23};
    return {F32, handle && ((const Context *) handle)->math == TF32_TENSOR_OP ? 10 : 23};
}

} // namespace

#define CUBLAS extern "C" EMULATOR_EXPORT int

CUBLAS cublasCreate_v2(emulator::Handle *handle) {
    *handle = new Context;
    return OK;
}

CUBLAS cublasDestroy_v2(emulator::Handle handle) {
    delete (Context *) handle;
    return OK;
}

CUBLAS cublasSetStream_v2(emulator::Handle handle, emulator::Handle stream) {
    if (!handle) return NOT_INITIALISED;
    ((Context *) handle)->stream = stream;
    ((Context *) handle)->workspace = false; // back to the library's own
    return OK;
}

CUBLAS cublasGetStream_v2(emulator::Handle handle, emulator::Handle *stream) {
    *stream = ((Context *) handle)->stream;
    return OK;
}

CUBLAS cublasSetPointerMode_v2(emulator::Handle handle, int mode) {
    ((Context *) handle)->pointer_mode = mode;
    return OK;
}

CUBLAS cublasGetPointerMode_v2(emulator::Handle handle, int *mode) {
    *mode = ((Context *) handle)->pointer_mode;
    return OK;
}

CUBLAS cublasSetMathMode(emulator::Handle handle, int mode) {
    ((Context *) handle)->math = mode;
    return OK;
}

CUBLAS cublasGetMathMode(emulator::Handle handle, int *mode) {
    *mode = ((Context *) handle)->math;
    return OK;
}

CUBLAS cublasSetWorkspace_v2(emulator::Handle handle, void *p, size_t bytes) {
    if (!handle) return NOT_INITIALISED;
    if ((uintptr_t) p % 256 || (bytes && emulator_check("cuBLAS's workspace", (emulator::DevicePointer) p, bytes))) return INVALID;
    ((Context *) handle)->workspace = bytes > 0;
    return OK;
}

CUBLAS cublasGetVersion_v2(emulator::Handle, int *version) {
    *version = 120600;
    return OK;
}

CUBLAS cublasSgemm_v2(emulator::Handle h, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int lda, const float *b, int ldb,
        const float *beta, float *c, int ldc) {
    return gemm(h, ta, tb, m, n, k, alpha, {a, F32, lda, 0}, {b, F32, ldb, 0}, beta, {c, F32, ldc, 0}, 1, plain(h, F32));
}

CUBLAS cublasDgemm_v2(emulator::Handle h, int ta, int tb, int m, int n, int k, const double *alpha, const double *a, int lda, const double *b, int ldb,
        const double *beta, double *c, int ldc) {
    return gemm(h, ta, tb, m, n, k, alpha, {a, F64, lda, 0}, {b, F64, ldb, 0}, beta, {c, F64, ldc, 0}, 1, plain(h, F64));
}

CUBLAS cublasSgemmStridedBatched(emulator::Handle h, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int lda, long long sa,
        const float *b, int ldb, long long sb, const float *beta, float *c, int ldc, long long sc, int batch) {
    return gemm(h, ta, tb, m, n, k, alpha, {a, F32, lda, sa}, {b, F32, ldb, sb}, beta, {c, F32, ldc, sc}, batch, plain(h, F32));
}

CUBLAS cublasDgemmStridedBatched(emulator::Handle h, int ta, int tb, int m, int n, int k, const double *alpha, const double *a, int lda, long long sa,
        const double *b, int ldb, long long sb, const double *beta, double *c, int ldc, long long sc, int batch) {
    return gemm(h, ta, tb, m, n, k, alpha, {a, F64, lda, sa}, {b, F64, ldb, sb}, beta, {c, F64, ldc, sc}, batch, plain(h, F64));
}

CUBLAS cublasGemmEx(emulator::Handle h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int type_a, int lda, const void *b,
        int type_b, int ldb, const void *beta, void *c, int type_c, int ldc, int compute_type, int) {
    if (!h) return NOT_INITIALISED;
    return gemm(h, ta, tb, m, n, k, alpha, {a, type_a, lda, 0}, {b, type_b, ldb, 0}, beta, {c, type_c, ldc, 0}, 1,
            compute(compute_type, ((const Context *) h)->math));
}

CUBLAS cublasGemmStridedBatchedEx(emulator::Handle h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int type_a, int lda,
        long long sa, const void *b, int type_b, int ldb, long long sb, const void *beta, void *c, int type_c, int ldc, long long sc, int batch,
        int compute_type, int) {
    if (!h) return NOT_INITIALISED;
    return gemm(h, ta, tb, m, n, k, alpha, {a, type_a, lda, sa}, {b, type_b, ldb, sb}, beta, {c, type_c, ldc, sc}, batch,
            compute(compute_type, ((const Context *) h)->math));
}

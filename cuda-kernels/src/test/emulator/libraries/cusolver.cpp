// Stand-in for cuSOLVER's dense QR, SVD, batched SVD and randomized SVD, in F32 and F64. The arguments are checked as the real library checks them.
#include "decompositions.h"
#include "library.h"

#include <algorithm>
#include <cstring>

using namespace emulator;

namespace {

enum Status : int { OK = 0, INVALID = 3, EXECUTION_FAILED = 6 };

struct Context {
    emulator::Handle stream = nullptr;
};

struct JacobiSettings {
    double tolerance = 0;
    int sweeps = 100;
    int sort = 1;
};

emulator::Handle stream(emulator::Handle handle) { return ((const Context *) handle)->stream; }

template <typename T> Matrix load(const T *p, int rows, int columns, int leading) {
    Matrix a((size_t) rows * columns);
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++) a[i + (size_t) j * rows] = p[i + (size_t) j * leading];
    return a;
}

template <typename T> void store(const Matrix &a, T *p, int rows, int columns, int leading) {
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++) p[i + (size_t) j * leading] = (T) a[i + (size_t) j * rows];
}

int workspace(int n) { return std::max(1, 32 * n); }

template <typename T> int geqrf(emulator::Handle h, int m, int n, T *a, int lda, T *tau, T *work, int length, int *info) {
    const int k = std::min(m, n);
    if (!is_matrix("A", a, m, n, lda) || !is_matrix("tau", tau, k, 1, std::max(1, k)) || length < workspace(n)) return INVALID;
    if (!is_matrix("workspace", work, length, 1, length) || !is_matrix("info", info, 1, 1, 1)) return INVALID;
    const bool done = put(stream(h), [=] {
        Matrix matrix = load(a, m, n, lda);
        const auto taus = householder(m, n, matrix);
        store(matrix, a, m, n, lda);
        std::copy(taus.begin(), taus.end(), tau);
        *info = 0;
    });
    return done ? OK : EXECUTION_FAILED;
}

template <typename T> int orgqr(emulator::Handle h, int m, int n, int k, T *a, int lda, const T *tau, T *work, int length, int *info) {
    if (n > m || k > n || !is_matrix("A", a, m, n, lda) || !is_matrix("tau", tau, k, 1, std::max(1, k))) return INVALID;
    if (length < workspace(n) || !is_matrix("workspace", work, length, 1, length) || !is_matrix("info", info, 1, 1, 1)) return INVALID;
    const bool done = put(stream(h), [=] {
        store(product_of_reflectors(m, n, k, load(a, m, n, lda), {tau, tau + k}), a, m, n, lda);
        *info = 0;
    });
    return done ? OK : EXECUTION_FAILED;
}

Matrix transpose(const Matrix &a, int rows, int columns) {
    Matrix t(a.size());
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++) t[j + (size_t) i * columns] = a[i + (size_t) j * rows];
    return t;
}

// 'A': all columns, 'S': the first min(m, n), 'N': none. The real library, too, wants m >= n.
template <typename T> int gesvd(emulator::Handle h, char job_u, char job_vt, int m, int n, T *a, int lda, T *s, T *u, int ldu, T *vt, int ldvt,
        T *work, int length, int *info) {
    const bool with_u = job_u == 'A' || job_u == 'S', with_vt = job_vt == 'A' || job_vt == 'S';
    if (m < n || (!with_u && job_u != 'N') || (!with_vt && job_vt != 'N')) return INVALID;
    const int u_columns = job_u == 'A' ? m : n;
    if (!is_matrix("A", a, m, n, lda) || !is_matrix("S", s, n, 1, std::max(1, n)) || !is_matrix("info", info, 1, 1, 1)) return INVALID;
    if (length < 1 || !is_matrix("workspace", work, length, 1, length)) return INVALID;
    if (with_u && !is_matrix("U", u, m, u_columns, ldu)) return INVALID;
    if (with_vt && !is_matrix("VT", vt, n, n, ldvt)) return INVALID;
    const bool done = put(stream(h), [=] {
        const Svd result = svd(m, n, load(a, m, n, lda), u_columns, n);
        std::copy(result.s.begin(), result.s.end(), s);
        if (with_u) store(result.u, u, m, u_columns, ldu);
        if (with_vt) store(transpose(result.v, n, n), vt, n, n, ldvt);
        *info = 0;
    });
    return done ? OK : EXECUTION_FAILED;
}

// V comes as it is, not transposed. economy: only the first min(m, n) columns of U and V.
template <typename T> int gesvdj(emulator::Handle h, int vectors, int economy, int m, int n, T *a, int lda, T *s, T *u, int ldu, T *v, int ldv,
        T *work, int length, int *info, emulator::Handle settings) {
    if (!settings) return INVALID;
    const int k = std::min(m, n), u_columns = economy ? k : m, v_columns = economy ? k : n;
    if (!is_matrix("A", a, m, n, lda) || !is_matrix("S", s, k, 1, std::max(1, k)) || !is_matrix("info", info, 1, 1, 1)) return INVALID;
    if (length < 1 || !is_matrix("workspace", work, length, 1, length)) return INVALID;
    if (vectors && (!is_matrix("U", u, m, u_columns, ldu) || !is_matrix("V", v, n, v_columns, ldv))) return INVALID;
    const bool done = put(stream(h), [=] {
        const Svd result = svd(m, n, load(a, m, n, lda), u_columns, v_columns);
        std::copy(result.s.begin(), result.s.end(), s);
        if (vectors) store(result.u, u, m, u_columns, ldu);
        if (vectors) store(result.v, v, n, v_columns, ldv);
        *info = 0;
    });
    return done ? OK : EXECUTION_FAILED;
}

constexpr int SMALL = 32; // the most rows and columns of gesvdjBatched

// One matrix after the other, in matrices of their own: all columns of U and V.
template <typename T> int gesvdj_batched(emulator::Handle h, int vectors, int m, int n, T *a, int lda, T *s, T *u, int ldu, T *v, int ldv, T *work,
        int length, int *info, emulator::Handle settings, int batch) {
    if (m > SMALL || n > SMALL || batch < 0 || length < batch * (m * n + m + n)) return INVALID;
    const int k = std::min(m, n);
    for (int b = 0; b < batch; b++) {
        const int status = gesvdj(h, vectors, 0, m, n, a + (size_t) b * lda * n, lda, s + b * k, u + (size_t) b * ldu * m, ldu,
            v + (size_t) b * ldv * n, ldv, work, length / batch, info + b, settings);
        if (status) return status;
    }
    return OK;
}

// The leading k singular triples, with the error of none: a randomized SVD at its best. Of its U and V, k columns are written.
template <typename T> int gesvdr(emulator::Handle h, char job_u, char job_v, int64_t m, int64_t n, int64_t k, T *a, int64_t lda, T *s, T *u,
        int64_t ldu, T *v, int64_t ldv, void *work, size_t length, int *info) {
    if (!is_matrix("A", a, m, n, lda) || !is_matrix("S", s, k, 1, k) || !is_matrix("info", info, 1, 1, 1)) return INVALID;
    if (!is_matrix("workspace", (char *) work, length, 1, length)) return INVALID;
    if (job_u == 'S' && !is_matrix("U", u, m, k, ldu)) return INVALID;
    if (job_v == 'S' && !is_matrix("V", v, n, k, ldv)) return INVALID;
    const bool done = put(stream(h), [=] {
        const int least = (int) std::min(m, n);
        const Svd result = svd((int) m, (int) n, load(a, (int) m, (int) n, (int) lda), least, least);
        std::copy_n(result.s.begin(), k, s);
        if (job_u == 'S') store(result.u, u, (int) m, (int) k, (int) ldu);
        if (job_v == 'S') store(result.v, v, (int) n, (int) k, (int) ldv);
        *info = 0;
    });
    return done ? OK : EXECUTION_FAILED;
}

constexpr int REAL_32 = 0, REAL_64 = 1; // of cudaDataType
constexpr size_t ON_HOST = 64;

bool is_randomized(char job_u, char job_v, int64_t m, int64_t n, int64_t k, int64_t p, int64_t iterations) {
    return (job_u == 'S' || job_u == 'N') && (job_v == 'S' || job_v == 'N') && k > 0 && p >= 0 && iterations >= 0 && k + p <= std::min(m, n);
}

size_t gesvdr_workspace(int type, int64_t m, int64_t n, int64_t k, int64_t p) { return (type == REAL_64 ? 8 : 4) * (m + n) * (k + p); }

} // namespace

#define CUSOLVER extern "C" EMULATOR_EXPORT int

CUSOLVER cusolverDnCreate(emulator::Handle *handle) {
    *handle = new Context;
    return OK;
}

CUSOLVER cusolverDnDestroy(emulator::Handle handle) {
    delete (Context *) handle;
    return OK;
}

CUSOLVER cusolverDnSetStream(emulator::Handle handle, emulator::Handle stream) {
    ((Context *) handle)->stream = stream;
    return OK;
}

CUSOLVER cusolverDnCreateGesvdjInfo(emulator::Handle *info) {
    *info = new JacobiSettings;
    return OK;
}

CUSOLVER cusolverDnDestroyGesvdjInfo(emulator::Handle info) {
    delete (JacobiSettings *) info;
    return OK;
}

CUSOLVER cusolverDnXgesvdjSetTolerance(emulator::Handle info, double tolerance) {
    ((JacobiSettings *) info)->tolerance = tolerance;
    return OK;
}

CUSOLVER cusolverDnXgesvdjSetMaxSweeps(emulator::Handle info, int sweeps) {
    ((JacobiSettings *) info)->sweeps = sweeps;
    return OK;
}

CUSOLVER cusolverDnXgesvdjSetSortEig(emulator::Handle info, int sort) {
    ((JacobiSettings *) info)->sort = sort;
    return OK;
}

CUSOLVER cusolverDnCreateParams(emulator::Handle *params) {
    *params = new int(0);
    return OK;
}

CUSOLVER cusolverDnDestroyParams(emulator::Handle params) {
    delete (int *) params;
    return OK;
}

CUSOLVER cusolverDnXgesvdr_bufferSize(emulator::Handle, emulator::Handle params, signed char job_u, signed char job_v, int64_t m, int64_t n,
        int64_t k, int64_t p, int64_t iterations, int type, const void *, int64_t, int type_s, const void *, int type_u, const void *, int64_t,
        int type_v, const void *, int64_t, int type_inside, size_t *on_device, size_t *on_host) {
    const bool one_type = type_s == type && type_u == type && type_v == type && type_inside == type && (type == REAL_32 || type == REAL_64);
    if (!params || !one_type || !is_randomized((char) job_u, (char) job_v, m, n, k, p, iterations)) return INVALID;
    *on_device = gesvdr_workspace(type, m, n, k, p);
    *on_host = ON_HOST;
    return OK;
}

CUSOLVER cusolverDnXgesvdr(emulator::Handle h, emulator::Handle params, signed char job_u, signed char job_v, int64_t m, int64_t n, int64_t k,
        int64_t p, int64_t iterations, int type, void *a, int64_t lda, int type_s, void *s, int type_u, void *u, int64_t ldu, int type_v, void *v,
        int64_t ldv, int type_inside, void *work, size_t length, void *host, size_t host_length, int *info) {
    const bool one_type = type_s == type && type_u == type && type_v == type && type_inside == type && (type == REAL_32 || type == REAL_64);
    if (!params || !one_type || !is_randomized((char) job_u, (char) job_v, m, n, k, p, iterations)) return INVALID;
    if (length < gesvdr_workspace(type, m, n, k, p) || !host || host_length < ON_HOST) return INVALID;
    memset(host, 1, ON_HOST);
    if (type == REAL_64)
        return gesvdr(h, (char) job_u, (char) job_v, m, n, k, (double *) a, lda, (double *) s, (double *) u, ldu, (double *) v, ldv, work, length, info);
    return gesvdr(h, (char) job_u, (char) job_v, m, n, k, (float *) a, lda, (float *) s, (float *) u, ldu, (float *) v, ldv, work, length, info);
}

// The entry points of one real type, whose letter is S or D.
#define OF_TYPE(LETTER, T) \
    CUSOLVER cusolverDn##LETTER##geqrf_bufferSize(emulator::Handle, int m, int n, T *, int, int *length) { \
        *length = workspace(n); \
        return m < 0 || n < 0 ? INVALID : OK; \
    } \
    CUSOLVER cusolverDn##LETTER##geqrf(emulator::Handle h, int m, int n, T *a, int lda, T *tau, T *work, int length, int *info) { \
        return geqrf(h, m, n, a, lda, tau, work, length, info); \
    } \
    CUSOLVER cusolverDn##LETTER##orgqr_bufferSize(emulator::Handle, int, int n, int, const T *, int, const T *, int *length) { \
        *length = workspace(n); \
        return OK; \
    } \
    CUSOLVER cusolverDn##LETTER##orgqr(emulator::Handle h, int m, int n, int k, T *a, int lda, const T *tau, T *work, int length, int *info) { \
        return orgqr(h, m, n, k, a, lda, tau, work, length, info); \
    } \
    CUSOLVER cusolverDn##LETTER##gesvd_bufferSize(emulator::Handle, int m, int n, int *length) { \
        *length = 5 * std::max(m, n) + 64; \
        return m < n ? INVALID : OK; \
    } \
    CUSOLVER cusolverDn##LETTER##gesvd(emulator::Handle h, signed char job_u, signed char job_vt, int m, int n, T *a, int lda, T *s, T *u, int ldu, \
            T *vt, int ldvt, T *work, int length, T *, int *info) { \
        return gesvd(h, (char) job_u, (char) job_vt, m, n, a, lda, s, u, ldu, vt, ldvt, work, length, info); \
    } \
    CUSOLVER cusolverDn##LETTER##gesvdj_bufferSize(emulator::Handle, int, int, int m, int n, const T *, int, const T *, const T *, int, const T *, \
            int, int *length, emulator::Handle) { \
        *length = m * n + m + n; \
        return OK; \
    } \
    CUSOLVER cusolverDn##LETTER##gesvdj(emulator::Handle h, int vectors, int economy, int m, int n, T *a, int lda, T *s, T *u, int ldu, T *v, \
            int ldv, T *work, int length, int *info, emulator::Handle settings) { \
        return gesvdj(h, vectors, economy, m, n, a, lda, s, u, ldu, v, ldv, work, length, info, settings); \
    } \
    CUSOLVER cusolverDn##LETTER##gesvdjBatched_bufferSize(emulator::Handle, int, int m, int n, const T *, int, const T *, const T *, int, const T *, \
            int, int *length, emulator::Handle, int batch) { \
        *length = batch * (m * n + m + n); \
        return m > SMALL || n > SMALL ? INVALID : OK; \
    } \
    CUSOLVER cusolverDn##LETTER##gesvdjBatched(emulator::Handle h, int vectors, int m, int n, T *a, int lda, T *s, T *u, int ldu, T *v, int ldv, \
            T *work, int length, int *info, emulator::Handle settings, int batch) { \
        return gesvdj_batched(h, vectors, m, n, a, lda, s, u, ldu, v, ldv, work, length, info, settings, batch); \
    }
OF_TYPE(S, float)
OF_TYPE(D, double)

// Stand-in for cuSOLVER's dense QR and SVD, in F32 and F64. The arguments are checked as the real library checks them.
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
        T *work, int length, int *info) {
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
            int ldv, T *work, int length, int *info, emulator::Handle) { \
        return gesvdj(h, vectors, economy, m, n, a, lda, s, u, ldu, v, ldv, work, length, info); \
    }
OF_TYPE(S, float)
OF_TYPE(D, double)

#include "decompositions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace emulator {
namespace {

double dot(const double *x, const double *y, int n) { return std::inner_product(x, x + n, y, 0.); }

void subtract(double factor, const double *x, double *from, int n) {
    for (int i = 0; i < n; i++) from[i] -= factor * x[i];
}

// x' = c x - s y, y' = s x + c y
void rotate(double *x, double *y, int n, double c, double s) {
    for (int i = 0; i < n; i++) {
        const double old = x[i];
        x[i] = c * old - s * y[i];
        y[i] = s * old + c * y[i];
    }
}

// A V has orthogonal columns, m >= n: rotates pairs of columns until none is left to rotate.
void orthogonalise_columns(int m, int n, Matrix &a, Matrix &v) {
    bool rotated = true;
    for (int sweep = 0; sweep < 60 && rotated; sweep++) {
        rotated = false;
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++) {
                double *x = &a[(size_t) p * m], *y = &a[(size_t) q * m];
                const double xx = dot(x, x, m), yy = dot(y, y, m), xy = dot(x, y, m);
                if (xy == 0 || std::fabs(xy) <= 1e-15 * std::sqrt(xx * yy)) continue;
                const double zeta = (yy - xx) / (2 * xy);
                const double t = std::copysign(1., zeta) / (std::fabs(zeta) + std::hypot(1, zeta)), c = 1 / std::hypot(1, t);
                rotate(x, y, m, c, c * t);
                rotate(&v[(size_t) p * n], &v[(size_t) q * n], n, c, c * t);
                rotated = true;
            }
    }
}

void permute_columns(const std::vector<int> &order, int rows, Matrix &a) {
    const Matrix old = a;
    for (size_t j = 0; j < order.size(); j++) std::copy_n(&old[(size_t) order[j] * rows], rows, &a[j * rows]);
}

// Extends the first k orthonormal columns of length m to the wanted number, by unit vectors made orthogonal to them (twice, for rounding).
void complete(int m, int k, int wanted, Matrix &u) {
    u.resize((size_t) m * std::max(k, wanted));
    int unit = 0;
    for (int c = k; c < wanted && unit < m; unit++) {
        double *column = &u[(size_t) c * m];
        std::fill_n(column, m, 0.);
        column[unit] = 1;
        for (int pass = 0; pass < 2; pass++)
            for (int j = 0; j < c; j++) subtract(dot(&u[(size_t) j * m], column, m), &u[(size_t) j * m], column, m);
        const double norm = std::sqrt(dot(column, column, m));
        if (norm < 1e-2 / std::sqrt(m)) continue; // it lay in the span of those before
        for (int i = 0; i < m; i++) column[i] /= norm;
        c++;
    }
}

} // namespace

std::vector<double> householder(int m, int n, Matrix &a) {
    std::vector<double> taus(std::min(m, n));
    for (int k = 0; k < (int) taus.size(); k++) {
        double *column = &a[(size_t) k * m];
        const int below = m - k - 1;
        const double tail = dot(column + k + 1, column + k + 1, below);
        if (tail == 0) continue; // tau = 0: nothing to reflect
        const double alpha = column[k], beta = -std::copysign(std::sqrt(alpha * alpha + tail), alpha), tau = (beta - alpha) / beta;
        for (int i = k + 1; i < m; i++) column[i] /= alpha - beta;
        column[k] = beta;
        for (int j = k + 1; j < n; j++) {
            double *other = &a[(size_t) j * m];
            const double factor = tau * (other[k] + dot(column + k + 1, other + k + 1, below));
            other[k] -= factor;
            subtract(factor, column + k + 1, other + k + 1, below);
        }
        taus[k] = tau;
    }
    return taus;
}

Matrix product_of_reflectors(int m, int n, int k, const Matrix &a, const std::vector<double> &tau) {
    Matrix q((size_t) m * n, 0.);
    for (int j = 0; j < n; j++) q[j + (size_t) j * m] = 1;
    for (int r = k - 1; r >= 0; r--)
        for (int j = 0; j < n; j++) {
            double *column = &q[(size_t) j * m];
            const double *reflector = &a[(size_t) r * m] + r + 1;
            const double factor = tau[r] * (column[r] + dot(reflector, column + r + 1, m - r - 1));
            column[r] -= factor;
            subtract(factor, reflector, column + r + 1, m - r - 1);
        }
    return q;
}

Svd svd(int m, int n, const Matrix &a, int u_columns, int v_columns) {
    if (m < n) { // of the transpose, with the roles of U and V exchanged
        Matrix transposed((size_t) m * n);
        for (int j = 0; j < n; j++)
            for (int i = 0; i < m; i++) transposed[j + (size_t) i * n] = a[i + (size_t) j * m];
        Svd other = svd(n, m, transposed, v_columns, u_columns);
        std::swap(other.u, other.v);
        return other;
    }
    Svd result{a, Matrix((size_t) n * n, 0.), std::vector<double>(n)};
    for (int i = 0; i < n; i++) result.v[i + (size_t) i * n] = 1;
    orthogonalise_columns(m, n, result.u, result.v);
    for (int j = 0; j < n; j++) result.s[j] = std::sqrt(dot(&result.u[(size_t) j * m], &result.u[(size_t) j * m], m));
    std::vector<int> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int i, int j) { return result.s[i] > result.s[j]; });
    permute_columns(order, m, result.u);
    permute_columns(order, n, result.v);
    std::sort(result.s.rbegin(), result.s.rend());
    int rank = 0;
    while (rank < n && result.s[rank] > 1e-30 * result.s[0]) rank++; // columns are orthogonal relative to their lengths
    for (int j = 0; j < rank; j++)
        for (int i = 0; i < m; i++) result.u[i + (size_t) j * m] /= result.s[j];
    complete(m, rank, std::max(n, u_columns), result.u);
    return result;
}

} // namespace emulator

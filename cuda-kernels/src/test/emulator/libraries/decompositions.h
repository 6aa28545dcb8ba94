// QR by Householder reflections and the SVD by one-sided Jacobi rotations, of column-major matrices in double: plain loops.
#pragma once
#include <vector>

namespace emulator {

using Matrix = std::vector<double>;

// A (m x n) becomes R on and above the diagonal and the reflectors below it, as LAPACK's geqrf leaves it.
std::vector<double> householder(int m, int n, Matrix &a);

// The first n columns of the product of the first k reflectors, as LAPACK's orgqr makes it.
Matrix product_of_reflectors(int m, int n, int k, const Matrix &a, const std::vector<double> &tau);

struct Svd {
    Matrix u, v; // u: m x u_columns, v: n x v_columns
    std::vector<double> s; // min(m, n), descending
};
Svd svd(int m, int n, const Matrix &a, int u_columns, int v_columns);

} // namespace emulator

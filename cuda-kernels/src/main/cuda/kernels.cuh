// Every kernel for one real type. Included once by f32.cu and once by f64.cu, which say what "real" is. The formulas are those of
// dev.canonica.tensor.kernel.Kernels; sums are taken in an order that depends on shapes alone.
#pragma once
#include "grid.cuh"
#include "walk.cuh"
#include "elementwise.cuh"
#include "reduce.cuh"
#include "rows.cuh"
#include "channels.cuh"
#include "gemm.cuh"
#include "epilogue.cuh"
#include "indexing.cuh"
#include "window.cuh"
#include "convolution.cuh"
#include "implicit.cuh"
#include "pooling.cuh"
#include "attention.cuh"

// Every kernel for one real type. Included once by f32.cu and once by f64.cu, which say what "real" is.
#pragma once
#include "elementwise.cuh"

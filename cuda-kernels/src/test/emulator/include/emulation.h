// Lets g++ compile the .cu files for the emulated driver. Included before each.
#pragma once
#include "emulator_abi.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

#include "emulation/language.h"
#include "emulation/vectors.h"
#include "emulation/arithmetic.h"
#include "emulation/synchronisation.h"
#include "emulation/atomics.h"

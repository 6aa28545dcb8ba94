// Stand-in for cuSOLVERMg, which JCusolver's library is linked with and nothing here calls.
#include "library.h"

extern "C" EMULATOR_EXPORT int cusolverMgCreate(emulator::Handle *) {
    return 7; // an internal error
}

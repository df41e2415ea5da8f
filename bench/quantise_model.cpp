// Makes a file of another weight type of a model file, to measure that type.
#include <cstdio>
#include <exception>

#include "support/quantise.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("Usage: shimmy_quantise_model MODEL TO TYPE      TYPE: q4_0, q4_k_m and so on\n",
               stderr);
    return 2;
  }
  try {
    shimmy::support::quantise(argv[1], argv[2], argv[3], shimmy::support::Mixture::Usual);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "shimmy_quantise_model: %s\n", error.what());
    return 1;
  }
}

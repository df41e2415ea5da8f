// Writes the tests' tiny model, and prints its path: shimmy_make_tiny_model DIRECTORY [NAME [SEED]]
#include <cstdio>
#include <exception>
#include <string>

#include "support/tiny_model.h"

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fputs("usage: shimmy_make_tiny_model DIRECTORY [NAME [SEED]]\n", stderr);
    return 2;
  }
  try {
    shimmy::support::TinyModelOptions options;
    if (argc > 2) options.name = argv[2];
    if (argc > 3) options.seed = std::stoull(argv[3]);
    std::puts(shimmy::support::write_tiny_model(argv[1], options).c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "shimmy_make_tiny_model: %s\n", error.what());
    return 1;
  }
}

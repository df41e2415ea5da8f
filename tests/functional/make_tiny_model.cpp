// Writes the tests' tiny model, and prints its path:
// shimmy_make_tiny_model DIRECTORY [NAME [SEED [KIND]]]
// KIND: chat (the usual one), infill (chat with infill tokens), split (chat in two files), encoder
// (for embeddings) or reranker.
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "support/tiny_model.h"

namespace {

void choose(const std::string& kind, shimmy::support::TinyModelOptions& options) {
  using shimmy::support::TinyPooling;
  options.infill = kind == "infill";
  options.shards = kind == "split" ? 2 : 1;
  if (kind == "chat" || kind == "infill" || kind == "split") return;
  if (kind != "encoder" && kind != "reranker") throw std::runtime_error("no such kind: " + kind);
  options.architecture = shimmy::support::TinyArchitecture::Bert;
  options.pooling = kind == "encoder" ? TinyPooling::Mean : TinyPooling::Rank;
  options.context_tokens = 600;
  options.chat_template = false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 5) {
    std::fputs("usage: shimmy_make_tiny_model DIRECTORY [NAME [SEED [KIND]]]\n", stderr);
    return 2;
  }
  try {
    shimmy::support::TinyModelOptions options;
    if (argc > 2) options.name = argv[2];
    if (argc > 3) options.seed = std::stoull(argv[3]);
    if (argc > 4) choose(argv[4], options);
    std::puts(shimmy::support::write_tiny_model(argv[1], options).c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "shimmy_make_tiny_model: %s\n", error.what());
    return 1;
  }
}

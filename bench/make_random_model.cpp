// Writes a model of a given shape with random weights: speed depends on the shape only.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <string>

#include "support/quantise.h"
#include "support/random_model.h"

namespace {

using shimmy::support::Family;
using shimmy::support::Mixture;
using shimmy::support::Shape;

const std::map<std::string, Family> kFamilies = {{"llama", Family::Llama},
                                                 {"mixtral", Family::Mixtral},
                                                 {"qwen3", Family::Qwen3},
                                                 {"qwen3moe", Family::Qwen3Moe},
                                                 {"gemma3", Family::Gemma3}};

struct Wish {
  Shape shape{.vocabulary = 32768};
  std::uint64_t seed = 1;
  std::string type = "q4_k_m";
  bool pure = false;
  bool untied = false;
  std::filesystem::path to;
};

void add_options(CLI::App& app, Wish& wish) {
  Shape& shape = wish.shape;
  app.add_option("out", wish.to, "the .gguf file to write")->required();
  app.add_option("--family", shape.family, "llama, mixtral, qwen3, qwen3moe or gemma3")
      ->transform(CLI::CheckedTransformer(kFamilies, CLI::ignore_case))
      ->option_text("FAMILY");
  app.add_option("--type", wish.type, "weight type")
      ->check(CLI::IsMember(shimmy::support::quantised_types()))
      ->capture_default_str();
  app.add_flag("--pure", wish.pure, "every matrix in that type, in place of the usual mixture");
  app.add_option("--layers", shape.layers)->capture_default_str();
  app.add_option("--embedding", shape.embedding)->capture_default_str();
  app.add_option("--heads", shape.heads)->capture_default_str();
  app.add_option("--kv-heads", shape.kv_heads)->capture_default_str();
  app.add_option("--head-size", shape.head_size)->capture_default_str();
  app.add_option("--feed-forward", shape.feed_forward, "of an expert, where there are any")
      ->capture_default_str();
  app.add_option("--vocabulary", shape.vocabulary)->capture_default_str();
  app.add_option("--experts", shape.experts)->capture_default_str();
  app.add_option("--experts-used", shape.experts_used)->capture_default_str();
  app.add_option("--window", shape.window, "of gemma3's sliding layers; 0: none")
      ->capture_default_str();
  app.add_flag("--untied", wish.untied, "an output matrix beside the embedding");
  app.add_option("--seed", wish.seed)->capture_default_str();
  app.footer(
      "Llama 3.2 1B: --layers 16 --embedding 2048 --heads 32 --kv-heads 8 --feed-forward 8192");
}

void make(Wish& wish) {
  wish.shape.tied = !wish.untied;
  wish.shape.name = wish.to.stem();
  std::filesystem::path floats = wish.to;
  floats += ".f16";
  write_random_model(floats, wish.shape, wish.seed);
  quantise(floats, wish.to, wish.type, wish.pure ? Mixture::None : Mixture::Usual);
  std::filesystem::remove(floats);
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("Writes a model file of a given shape with random weights.");
  Wish wish;
  add_options(app, wish);
  CLI11_PARSE(app, argc, argv);
  make(wish);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "shimmy_make_random_model: %s\n", error.what());
  return 1;
}

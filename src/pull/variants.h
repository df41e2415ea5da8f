// The models among the files of a repository, and which of them to take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace shimmy::pull {

struct RemoteFile {
  std::string path;  // in its repository
  std::uint64_t bytes = 0;
  std::string sha256;  // hexadecimal; empty: the server does not say
};

// One model: a file, or all shards of it.
struct Variant {
  std::string name;               // "Q4_K_M"; the file's stem where that says nothing, or is taken
  std::string quantization;       // "Q4_K_M"; may be empty
  std::vector<RemoteFile> files;  // shards in order
  std::uint64_t bytes = 0;        // of all files

  bool is_complete = true;  // no shard is missing
};

// The models, from the smallest to the largest. Projectors and other companions are left out.
std::vector<Variant> variants_of(std::span<const RemoteFile> files);

// The projector that goes with the models: of several the one of 16 bits.
std::optional<RemoteFile> projector_of(std::span<const RemoteFile> files);

// Index of what is taken when nobody chooses: Q4_K_M, else the nearest by the order of
// usual_order(), else the smallest. Requires: variants is not empty.
std::size_t usual_variant(std::span<const Variant> variants);
std::span<const std::string_view> usual_order();

// Index of the one that `wanted` (a quantisation, a file's name or path) means, letter case aside.
// Fails with ModelNotFound, naming what there is.
base::Result<std::size_t> find_variant(std::span<const Variant> variants, std::string_view wanted,
                                       std::string_view repository);

// "Q4_K_M (2.1 GB), Q8_0 (4.0 GB)": for messages.
std::string listed(std::span<const Variant> variants);

}  // namespace shimmy::pull

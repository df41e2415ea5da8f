// Models as layers: a manifest names its blobs by digest, as container registries do.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace shimmy::models::stores {

struct Layer {
  std::string media_type;
  std::string digest;  // the 64 hexadecimal digits of a SHA-256, and nothing else
};

// The layers of a manifest, in its order. Fails as read_json() does, and with ModelLoadFailed where
// a digest is no SHA-256, or there are too many layers.
base::Result<std::vector<Layer>> read_layers(const std::filesystem::path& manifest);

// The digits of "sha256:<64 digits>", lower case. Empty for anything else: what is returned can
// stand in a path.
std::string sha256_digits(std::string_view digest);

// The first layer whose media type is `media_type`, with or without parameters; null: none.
const Layer* find_layer(const std::vector<Layer>& layers, std::string_view media_type);

}  // namespace shimmy::models::stores

#include "models/stores/blob_store.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/escape.h"
#include "models/json_file.h"

namespace shimmy::models::stores {

std::string sha256_digits(std::string_view digest) {
  constexpr std::string_view prefix = "sha256:";
  constexpr std::size_t length = 64;
  if (!digest.starts_with(prefix)) return {};
  digest.remove_prefix(prefix.size());
  const bool is_hex = std::ranges::all_of(
      digest, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return digest.size() == length && is_hex ? std::string(digest) : std::string();
}

base::Result<std::vector<Layer>> read_layers(const std::filesystem::path& manifest) {
  const auto value = read_json(manifest);
  if (!value) return std::unexpected(value.error());
  const std::string shown = base::escape_control(manifest.native());
  const boost::json::array* array = array_at(*value, "layers");
  constexpr std::size_t most = 10'000;
  if (array == nullptr || array->size() > most) {
    return base::fail(base::ErrorCode::ModelLoadFailed, "{} has no list of layers.", shown);
  }
  std::vector<Layer> layers;
  for (const boost::json::value& element : *array) {
    Layer layer{string_at(element, "mediaType"), sha256_digits(string_at(element, "digest"))};
    if (layer.digest.empty()) {
      return base::fail(base::ErrorCode::ModelLoadFailed,
                        "{} names a layer by \"{}\", which is no SHA-256 digest.", shown,
                        base::escape_control(string_at(element, "digest")).substr(0, 100));
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

const Layer* find_layer(const std::vector<Layer>& layers, std::string_view media_type) {
  const auto found = std::ranges::find_if(layers, [media_type](const Layer& layer) {
    const std::string_view type(layer.media_type);
    return type.substr(0, type.find(';')) == media_type;
  });
  return found == layers.end() ? nullptr : &*found;
}

}  // namespace shimmy::models::stores

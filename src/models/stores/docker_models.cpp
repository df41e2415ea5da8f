#include "models/stores/docker_models.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <system_error>
#include <utility>

#include "base/escape.h"
#include "models/json_file.h"
#include "models/regular_file.h"
#include "models/stores/blob_store.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::array kLocations{Location{Location::On::All, "~/.docker/models"}};

constexpr std::string_view kWeights = "application/vnd.docker.ai.gguf.v3";
constexpr std::string_view kAdapter = "application/vnd.docker.ai.gguf.v3.lora";
constexpr std::string_view kProjector = "application/vnd.docker.ai.mmproj";
constexpr std::string_view kTemplate = "application/vnd.docker.ai.chat.template.jinja";

fs::path blob(const fs::path& root, const std::string& digits) {
  return root / "blobs" / "sha256" / digits;
}

// What `docker model list` shows, and how its users shorten that.
void name_by_tags(const json::value& model, const std::string& digits, FoundFile& file) {
  std::vector<std::string> tags;
  if (const json::array* array = array_at(model, "tags")) {
    for (const json::value& tag : *array) {
      if (tag.is_string() && !tag.get_string().empty()) tags.emplace_back(tag.get_string());
    }
  }
  for (std::string& tag : tags) {
    for (const std::string_view host : {"index.docker.io/", "docker.io/"}) {
      if (tag.starts_with(host)) tag.erase(0, host.size());
    }
  }
  std::ranges::sort(tags);
  constexpr std::size_t short_id = 12;
  file.name = tags.empty() ? digits.substr(0, short_id) : tags.front();
  for (const std::string& tag : tags) {
    constexpr std::string_view latest = ":latest";
    if (tag != file.name) file.aliases.push_back(tag);
    if (tag.ends_with(latest)) file.aliases.push_back(tag.substr(0, tag.size() - latest.size()));
  }
}

Result<void> read_model(const fs::path& root, const std::string& digits, FoundFile& file) {
  const fs::path manifest = root / "manifests" / "sha256" / digits;
  const auto layers = read_layers(manifest);
  if (!layers) return std::unexpected(layers.error());
  std::size_t parts = 0;
  for (const Layer& layer : *layers) {
    if (layer.media_type == kWeights) {
      if (++parts == 1) file.path = blob(root, layer.digest);
      else file.more_files.push_back(blob(root, layer.digest));
    }
    if (layer.media_type == kAdapter) file.adapters.push_back(blob(root, layer.digest));
    if (layer.media_type == kProjector) file.projector = blob(root, layer.digest);
  }
  if (parts == 0) {
    return fail(ErrorCode::ModelLoadFailed,
                "{} names no GGUF file: the model is stored in another format.",
                base::escape_control(manifest.native()));
  }
  if (const Layer* layer = find_layer(*layers, kTemplate)) {
    constexpr std::size_t longest = 1 << 20;
    auto text = read_text(blob(root, layer->digest), longest);
    if (!text) return std::unexpected(std::move(text).error());
    file.defaults.chat_template = std::move(*text);
  }
  file.group = manifest;
  return {};
}

void add(const fs::path& root, const json::value& model, StoreContents& contents) {
  const std::string digits = sha256_digits(string_at(model, "id"));
  if (digits.empty()) {
    contents.problems.push_back(fmt::format("{} has an entry without a SHA-256 digest as its id.",
                                            base::escape_control((root / "models.json").native())));
    return;
  }
  FoundFile file;
  name_by_tags(model, digits, file);
  if (auto read = read_model(root, digits, file)) {
    contents.files.push_back(std::move(file));
  } else {
    contents.broken.push_back({file.name,
                               root / "manifests" / "sha256" / digits,
                               {},
                               std::move(read.error().message),
                               {}});
  }
}

StoreContents find(const fs::path& root) {
  StoreContents contents;
  const auto index = read_json(root / "models.json");
  if (!index) {
    if (index.error().code != ErrorCode::ModelNotFound) {
      contents.problems.push_back(index.error().message);
    }
    return contents;
  }
  constexpr std::size_t most = 10'000;
  const json::array* models = array_at(*index, "models");
  if (models == nullptr || models->size() > most) {
    contents.problems.push_back(fmt::format("{} has no list of models.",
                                            base::escape_control((root / "models.json").native())));
    return contents;
  }
  for (const json::value& model : *models) add(root, model, contents);
  std::ranges::sort(contents.files, {}, &FoundFile::name);
  return contents;
}

}  // namespace

Store docker_store() { return {"docker", kLocations, find}; }

}  // namespace shimmy::models::stores

#include "models/stores/ollama.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "base/escape.h"
#include "models/json_file.h"
#include "models/regular_file.h"
#include "models/stores/blob_store.h"
#include "models/stores/ollama_name.h"
#include "models/stores/ollama_parameters.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr std::array kLocations{
    Location{Location::On::All, "$OLLAMA_MODELS"},
    Location{Location::On::All, "~/.ollama/models"},
    Location{Location::On::Linux, "/usr/share/ollama/.ollama/models"},
};

constexpr std::size_t kMostManifests = 10'000;
constexpr std::size_t kLongestText = 1 << 20;

// The files at the depth where manifests lie.
class ManifestWalk {
 public:
  explicit ManifestWalk(std::vector<std::string>& problems) : problems_(problems) {}

  // Links to directories are not followed: Ollama makes none, and so there can be no loop.
  void enter(const fs::path& directory, int depth = 0) {
    constexpr int deepest = 3;  // host/namespace/model/tag
    std::error_code error;
    fs::directory_iterator entry(directory, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (++entries_ > kMostManifests) {
        if (entries_ == kMostManifests + 1) {
          problems_.push_back(fmt::format("Stopped searching in {} after {} entries.",
                                          base::escape_control(directory.native()),
                                          kMostManifests));
        }
        return;
      }
      std::error_code ignored;
      if (depth == deepest) {
        if (entry->is_regular_file(ignored)) found.push_back(entry->path());
      } else if (!entry->is_symlink(ignored) && entry->is_directory(ignored)) {
        enter(entry->path(), depth + 1);
      }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      problems_.push_back(fmt::format("Cannot read the directory {}: {}.",
                                      base::escape_control(directory.native()), error.message()));
    }
  }

  std::vector<fs::path> found;

 private:
  std::vector<std::string>& problems_;
  std::size_t entries_ = 0;
};

// Sorted.
std::vector<fs::path> manifests(const fs::path& directory, std::vector<std::string>& problems) {
  ManifestWalk walk(problems);
  walk.enter(directory);
  std::ranges::sort(walk.found);
  return std::move(walk.found);
}

// Old versions of Ollama wrote the colon of "sha256:<digest>" into the file's name.
fs::path blob(const fs::path& root, const Layer& layer) {
  fs::path path = root / "blobs" / ("sha256-" + layer.digest);
  fs::path old = root / "blobs" / ("sha256:" + layer.digest);
  std::error_code error;
  return !fs::exists(path, error) && fs::exists(old, error) ? old : path;
}

constexpr std::string_view kModel = "application/vnd.ollama.image.model";
constexpr std::string_view kProjector = "application/vnd.ollama.image.projector";
constexpr std::string_view kAdapter = "application/vnd.ollama.image.adapter";
constexpr std::string_view kParameters = "application/vnd.ollama.image.params";
constexpr std::string_view kSystem = "application/vnd.ollama.image.system";
constexpr std::string_view kTemplate = "application/vnd.ollama.image.template";

// The text of a layer; empty where the manifest has none of that type.
Result<std::string> layer_text(const fs::path& root, const std::vector<Layer>& layers,
                               std::string_view media_type) {
  const Layer* layer = find_layer(layers, media_type);
  return layer == nullptr ? std::string() : read_text(blob(root, *layer), kLongestText);
}

Result<ModelDefaults> read_defaults(const fs::path& root, const std::vector<Layer>& layers) {
  ModelDefaults defaults;
  if (const Layer* layer = find_layer(layers, kParameters)) {
    const auto parameters = read_json(blob(root, *layer));
    if (!parameters) return std::unexpected(parameters.error());
    defaults = ollama_defaults(*parameters);
  }
  auto system = layer_text(root, layers, kSystem);
  if (!system) return std::unexpected(std::move(system).error());
  defaults.system = std::move(*system);
  return defaults;
}

Result<FoundFile> read_model(const fs::path& root, const fs::path& manifest) {
  const auto layers = read_layers(manifest);
  if (!layers) return std::unexpected(layers.error());
  const Layer* model = find_layer(*layers, kModel);
  if (model == nullptr) {
    return base::fail(base::ErrorCode::ModelLoadFailed,
                      "{} names no GGUF file: the model runs elsewhere, or is stored in another "
                      "format.",
                      base::escape_control(manifest.native()));
  }
  auto defaults = read_defaults(root, *layers);
  if (!defaults) return std::unexpected(std::move(defaults).error());
  // A template of Go cannot be run as Jinja: it only tells the family, which counts where the
  // model's file has no template of its own.
  const auto go_template = layer_text(root, *layers, kTemplate);
  if (!go_template) return std::unexpected(go_template.error());
  FoundFile found;
  found.family = family_of_go_template(*go_template);
  found.path = blob(root, *model);
  found.group = manifest;
  found.defaults = std::move(*defaults);
  if (const Layer* layer = find_layer(*layers, kProjector)) found.projector = blob(root, *layer);
  for (const Layer& layer : *layers) {
    if (layer.media_type == kAdapter) found.adapters.push_back(blob(root, layer));
  }
  return found;
}

StoreContents find(const fs::path& root) {
  StoreContents contents;
  const fs::path directory = root / "manifests";
  for (const fs::path& manifest : manifests(directory, contents.problems)) {
    auto name = ollama_name(manifest.lexically_relative(directory));
    if (!name || name->name.find(":.") != std::string::npos) continue;  // .DS_Store and the like
    auto found = read_model(root, manifest);
    if (!found) {
      contents.broken.push_back({name->name, manifest, {}, std::move(found.error().message), {}});
      continue;
    }
    found->name = std::move(name->name);
    found->aliases = std::move(name->aliases);
    contents.files.push_back(std::move(*found));
  }
  return contents;
}

}  // namespace

Store ollama_store() { return {"ollama", kLocations, find}; }

}  // namespace shimmy::models::stores

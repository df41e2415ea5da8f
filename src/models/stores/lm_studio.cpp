#include "models/stores/lm_studio.h"

#include <fmt/core.h>

#include <array>

#include "models/stores/hub_names.h"
#include "models/stores/walked_store.h"

namespace shimmy::models::stores {
namespace {

constexpr std::array kLocations{
    Location{Location::On::All, "~/.lmstudio-home-pointer", "models"},
    Location{Location::On::All, "~/.lmstudio/models"},
    Location{Location::On::All, "~/.cache/lm-studio/models"},
};

// Its users know a model by its short name, with the quantisation behind an "@" where there are
// several, or by publisher and repository.
void name(FoundFile& file, const std::filesystem::path& relative) {
  const std::string stem = file.name;
  if (const std::string_view tag = quantization_tag(stem); !tag.empty()) {
    file.aliases.push_back(fmt::format("{}@{}", without_quantization(stem), tag));
  }
  const std::string repository = relative.parent_path().generic_string();
  if (repository.find('/') == std::string::npos) return;
  file.aliases.push_back(repository);
  if (const std::string_view tag = quantization_tag(stem); !tag.empty()) {
    file.aliases.push_back(fmt::format("{}:{}", repository, tag));
  }
}

}  // namespace

Store lm_studio_store() {
  return {"lm studio", kLocations,
          [](const std::filesystem::path& root) { return walk_store(root, name); }};
}

}  // namespace shimmy::models::stores

#include "models/stores/text_generation_webui.h"

#include <array>

#include "models/stores/walked_store.h"

namespace shimmy::models::stores {
namespace {

constexpr std::array kLocations{
    Location{Location::On::All, "~/text-generation-webui/user_data/models"},
    Location{Location::On::All, "~/text-generation-webui/models"},
};

StoreContents find(const std::filesystem::path& root) {
  return walk_store(root, [](FoundFile& file, const std::filesystem::path& relative) {
    file.aliases.push_back(relative.generic_string());  // as its list of models shows it
  });
}

}  // namespace

Store text_generation_webui_store() { return {"text-generation-webui", kLocations, find}; }

}  // namespace shimmy::models::stores

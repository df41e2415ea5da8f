#include "models/stores/home_models.h"

#include <array>

#include "models/stores/walked_store.h"

namespace shimmy::models::stores {
namespace {

constexpr std::array kLocations{Location{Location::On::All, "~/models"}};

}  // namespace

Store home_models_store() {
  return {"~/models", kLocations,
          [](const std::filesystem::path& root) { return walk_store(root); }};
}

}  // namespace shimmy::models::stores

#include "models/stores/store.h"

#include <array>

#include "models/stores/docker_models.h"
#include "models/stores/gpt4all.h"
#include "models/stores/home_models.h"
#include "models/stores/hugging_face.h"
#include "models/stores/jan.h"
#include "models/stores/llama_cpp_cache.h"
#include "models/stores/lm_studio.h"
#include "models/stores/ollama.h"
#include "models/stores/text_generation_webui.h"

namespace shimmy::models::stores {

std::span<const Store> stores() {
  static const std::array kStores{
      ollama_store(),     hugging_face_store(), lm_studio_store(), llama_cpp_store(),
      jan_store(),        gpt4all_store(),      docker_store(),    text_generation_webui_store(),
      home_models_store()};
  return kStores;
}

std::vector<ModelDir> store_dirs(const Machine& machine) {
  std::vector<ModelDir> dirs;
  for (const Store& store : stores()) {
    for (std::filesystem::path& root : expand(store.locations, machine)) {
      dirs.push_back({std::move(root), std::string(store.name), &store});
    }
  }
  return dirs;
}

}  // namespace shimmy::models::stores

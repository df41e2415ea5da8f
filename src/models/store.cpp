#include "models/store.h"

#include <array>

#include "models/docker_models.h"
#include "models/gpt4all.h"
#include "models/home_models.h"
#include "models/hugging_face.h"
#include "models/jan.h"
#include "models/llama_cpp_cache.h"
#include "models/lm_studio.h"
#include "models/ollama.h"
#include "models/text_generation_webui.h"

namespace shimmy::models {

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

}  // namespace shimmy::models

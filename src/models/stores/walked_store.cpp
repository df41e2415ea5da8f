#include "models/stores/walked_store.h"

#include <utility>

#include "models/file_walk.h"
#include "models/stores/hub_names.h"

namespace shimmy::models::stores {

StoreContents walk_store(const std::filesystem::path& root, const NameFile& name) {
  Walk walk = find_model_files(root);
  StoreContents contents;
  contents.problems = std::move(walk.problems);
  for (std::filesystem::path& path : walk.files) {
    FoundFile file;
    file.name = model_stem(path);
    file.group = path.parent_path();
    file.path = std::move(path);
    if (name) name(file, file.path.lexically_relative(root));
    contents.files.push_back(std::move(file));
  }
  return contents;
}

}  // namespace shimmy::models::stores

#include "models/stores/jan.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "models/stores/jan_imports.h"
#include "models/stores/walked_store.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;

constexpr std::array kLocations{
    Location{Location::On::All, "$JAN_DATA_FOLDER"},
    Location{Location::On::Linux, "$XDG_DATA_HOME/Jan/data"},
    Location{Location::On::Linux, "~/.local/share/Jan/data"},
    Location{Location::On::Linux, "~/.config/Jan/data"},
    Location{Location::On::MacOs, "~/Library/Application Support/Jan/data"},
    Location{Location::On::Windows, "$APPDATA/Jan/data"},
    Location{Location::On::All, "~/jan"},
};

// The directory is the name that Jan shows; the file in it mostly has none of its own.
void name(FoundFile& file, const fs::path& relative) {
  const std::string directory = relative.parent_path().generic_string();
  if (directory.empty()) return;
  if (file.name == "model") {
    file.name = directory;
    file.aliases.push_back(relative.parent_path().filename().string());
  } else {
    file.aliases.push_back(directory);
  }
}

StoreContents find(const fs::path& root) {
  StoreContents contents;
  for (const fs::path& directory : {root / "llamacpp" / "models", root / "models"}) {
    StoreContents more = walk_store(directory, name);
    std::ranges::move(more.files, std::back_inserter(contents.files));
    std::ranges::move(more.problems, std::back_inserter(contents.problems));
  }
  add_jan_imports(root / "llamacpp" / "models", contents);
  return contents;
}

}  // namespace

Store jan_store() { return {"jan", kLocations, find}; }

}  // namespace shimmy::models::stores

#include "models/stores/gpt4all.h"

#include <array>

#include "models/stores/walked_store.h"

namespace shimmy::models::stores {
namespace {

constexpr std::array kLocations{
    Location{Location::On::Linux, "$XDG_DATA_HOME/nomic.ai/GPT4All"},
    Location{Location::On::Linux, "~/.local/share/nomic.ai/GPT4All"},
    Location{Location::On::MacOs, "~/Library/Application Support/nomic.ai/GPT4All"},
    Location{Location::On::Windows, "$LOCALAPPDATA/nomic.ai/GPT4All"},
    Location{Location::On::All, "~/.cache/gpt4all"},  // of its Python package
};

StoreContents find(const std::filesystem::path& root) {
  StoreContents contents = walk_store(root);
  std::erase_if(contents.files, [](const FoundFile& file) {
    return file.path.filename().string().starts_with("incomplete-");  // still being downloaded
  });
  return contents;
}

}  // namespace

Store gpt4all_store() { return {"gpt4all", kLocations, find}; }

}  // namespace shimmy::models::stores

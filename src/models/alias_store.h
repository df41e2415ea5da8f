// The user's own names for models, kept in a file.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "models/model_dirs.h"
#include "models/model_entry.h"

namespace shimmy::models {

using Aliases = std::map<std::string, std::string>;  // from the alias to the model's name

// shimmy/aliases.json below $XDG_DATA_HOME, as user_model_dir(); empty when neither XDG_DATA_HOME
// nor HOME is set.
std::filesystem::path alias_file(const Environment& environment);

// Letters, digits and ._:/@+- with a letter, digit or _ first; at most 128 bytes. Fails with
// InvalidRequest.
base::Result<void> check_alias(std::string_view alias);

// Writers of several processes take turns, and readers never see half a file. Letter case is kept
// but does not count. All members read the file anew; they block meanwhile.
class AliasStore {
 public:
  explicit AliasStore(std::filesystem::path file) : file_(std::move(file)) {}

  // Empty where there is no file. Fails with Io: it cannot be read, or is no such file.
  base::Result<Aliases> load() const;

  // Replaces an alias of that name. Fails with InvalidRequest where the alias is badly formed or is
  // a name of one of `models`, else with Io.
  base::Result<void> add(const std::string& alias, const std::string& model,
                         std::span<const ModelEntry> models) const;

  // Fails with ModelNotFound where there is none, with near ones.
  base::Result<void> remove(const std::string& alias) const;

 private:
  base::Result<void> save(const Aliases& aliases) const;

  std::filesystem::path file_;
};

}  // namespace shimmy::models

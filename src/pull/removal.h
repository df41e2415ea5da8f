// Removing models that lie in shimmy's own directory, with everything that belongs to them.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.h"

namespace shimmy::pull {

// True where `file` lies in `directory`; symbolic links on the way to it count as what they lead
// to.
bool lies_in(const std::filesystem::path& file, const std::filesystem::path& directory);

// The files of a model: all shards, projectors that no other model there was pulled with, records,
// and what unfinished pulls of it have left. `model`: the file, or its first shard, which need not
// exist.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& model);

// The models below `directory` of which there are only unfinished files, as the paths that they
// would have.
std::vector<std::filesystem::path> unfinished_models(const std::filesystem::path& directory);

// Removes the files, never what symbolic links point to, and the directories below `directory` that
// are empty then. Fails with Io at the first that cannot be removed.
base::Result<void> remove_files(const std::vector<std::filesystem::path>& files,
                                const std::filesystem::path& directory);

}  // namespace shimmy::pull

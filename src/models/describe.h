// A model file and its shards as one ModelEntry.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.h"
#include "models/file_facts.h"
#include "models/model_entry.h"

namespace shimmy::models {

struct Described {
  FileFacts facts;   // of the first shard, with the parameters of all
  ModelEntry entry;  // its name is the short one: the file's stem without the shard's number
};

// `file` may be any shard. Fails with ModelNotFound (no such file), InvalidRequest (a directory) or
// ModelLoadFailed (cannot be read, is no GGUF file, a shard is missing or has not the name of one).
base::Result<Described> describe(const std::filesystem::path& file, const FactsReader& read);

// The same for shards under any names, in any order: their headers tell it. Requires: one at least.
base::Result<Described> describe(const std::vector<std::filesystem::path>& files,
                                 const FactsReader& read);

}  // namespace shimmy::models

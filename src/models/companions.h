// Which projectors and adapters belong to which model.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "models/file_facts.h"
#include "models/model_entry.h"

namespace shimmy::models {

// A described file and the group it lies in: a directory, or one repository of a store.
struct Grouped {
  std::filesystem::path path;
  std::filesystem::path group;
  FileFacts facts;
};

// Gives `entries` the projectors and adapters of their group that fit them, unless their store has
// already said which do. What fits: an adapter of the same architecture and base, a projector to
// the same embedding size, and no other base. In a group of one kind of model, adapters without
// base and projectors of any size fit, too. Of several projectors, 16 bits are preferred. Requires:
// models[i] describes entries[i].
void tie_companions(std::span<ModelEntry> entries, std::span<const Grouped> models,
                    std::span<const Grouped> companions);

}  // namespace shimmy::models

#include "cli/model_choice.h"

#include <fmt/core.h>

#include "cli/name_list.h"

namespace shimmy::cli {

using base::ErrorCode;
using base::Result;
using models::ModelEntry;

Result<ModelEntry> choose_model(const models::Catalog& catalog, const std::string& wanted,
                                const models::Environment& environment,
                                const models::FactsReader& read) {
  if (!wanted.empty()) return catalog.resolve(wanted, read);
  if (const std::string preset = environment("SHIMMY_MODEL").value_or(""); !preset.empty()) {
    auto found = catalog.resolve(preset, read);
    if (!found) found.error().details += " (The name is from SHIMMY_MODEL.)";
    return found;
  }
  const auto& entries = catalog.entries();
  if (entries.size() == 1) return entries.front();
  if (entries.empty()) {
    return std::unexpected(
        base::Error{ErrorCode::ModelNotFound,
                    fmt::format("No models were found. {}", models::how_to_get_a_model()),
                    fmt::format("Looked in {}.", models::summary(catalog.dirs())),
                    {}});
  }
  return base::fail(ErrorCode::InvalidRequest,
                    "There are {} models: name one, or set SHIMMY_MODEL. There is {}.",
                    entries.size(), name_list(entries, 10));
}

}  // namespace shimmy::cli

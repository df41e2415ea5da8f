// Which model a command is for.
#pragma once

#include <string>

#include "base/error.h"
#include "models/catalog.h"
#include "models/model_dirs.h"

namespace shimmy::cli {

// `wanted` (a name or a path) if it is not empty, else $SHIMMY_MODEL, else the only model there is.
// Fails as Catalog::resolve, and with InvalidRequest where several models are left to choose from.
base::Result<models::ModelEntry> choose_model(const models::Catalog& catalog,
                                              const std::string& wanted,
                                              const models::Environment& environment,
                                              const models::FactsReader& read);

}  // namespace shimmy::cli

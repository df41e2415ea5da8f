// Models of the catalog as JSON, for commands with --json.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "models/catalog.h"

namespace shimmy::cli {

boost::json::object to_json(const models::ModelEntry& entry);

boost::json::array broken_json(const models::Catalog& catalog);

// What the model can do here: "chat", "tools", …, in the order of Capabilities.
std::vector<std::string> capability_names(const models::Capabilities& capabilities);

// What its files would allow and shimmy does not: "vision".
std::vector<std::string> unsupported_names(const models::Capabilities& capabilities);

}  // namespace shimmy::cli

// Where the configuration file lies, and what it says.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/config_document.h"
#include "base/error.h"
#include "models/model_dirs.h"

namespace shimmy::app {

// shimmy/config.toml below $XDG_CONFIG_HOME, or ~/.config where that is not set; empty when neither
// it nor HOME is.
std::filesystem::path usual_config_file(const models::Environment& environment);

// `named` (of --config), $SHIMMY_CONFIG, or the usual one if it is there; empty: none.
std::string find_config_file(const std::string& named, const models::Environment& environment);

// Fails with Io.
base::Result<ConfigDocument> read_config(const std::string& path,
                                         const models::Environment& environment);

// All problems of the document as one error: a line each in its details. Empty when there is none.
std::optional<base::Error> error_of(const ConfigDocument& document);

}  // namespace shimmy::app

// The parameters of an Ollama model: what its author set with PARAMETER.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "models/model_defaults.h"

namespace shimmy::models::stores {

// Values of the wrong kind or out of range are left out, as are parameters that say how Ollama
// itself should run (num_thread, use_mmap, …).
ModelDefaults ollama_defaults(const boost::json::value& parameters);

// The chat family whose markers an Ollama template uses, as a name that chat_template understands:
// "chatml", "llama3", …; empty: unknown.
std::string_view family_of_go_template(std::string_view text);

}  // namespace shimmy::models::stores

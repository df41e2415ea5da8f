// Where the hub and the registry are, and who asks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::pull {

// The value of an environment variable; empty where it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

struct Endpoints {
  std::string hub = "https://huggingface.co";           // without a slash at its end
  std::string hub_token;                                // empty: nobody
  std::string registry = "https://registry.ollama.ai";  // without a slash at its end
};

// HF_ENDPOINT, SHIMMY_OLLAMA_REGISTRY; the token of HF_TOKEN (or HUGGING_FACE_HUB_TOKEN), else the
// one that the hub's own tools keep (HF_TOKEN_PATH, HF_HOME). Fails with InvalidRequest where an
// endpoint is no address.
base::Result<Endpoints> endpoints_of(const Environment& environment);

}  // namespace shimmy::pull

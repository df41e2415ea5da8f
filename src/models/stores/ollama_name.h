// What Ollama calls a model, from where its manifest lies.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace shimmy::models::stores {

struct OllamaName {
  std::string name;                  // "qwen3:14b", "user/model:tag", "hf.co/org/repo:Q4_K_M"
  std::vector<std::string> aliases;  // the long form; without ":latest"; without the host
};

// `manifest` relative to the directory of manifests: host/namespace/model/tag. Empty for files that
// lie at another depth.
std::optional<OllamaName> ollama_name(const std::filesystem::path& manifest);

}  // namespace shimmy::models::stores

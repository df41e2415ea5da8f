#include "models/stores/ollama_name.h"

#include <string_view>

namespace shimmy::models::stores {

std::optional<OllamaName> ollama_name(const std::filesystem::path& manifest) {
  std::vector<std::string> parts;
  for (const auto& part : manifest) parts.push_back(part.string());
  if (parts.size() != 4) return std::nullopt;
  const auto& [host, space, model, tag] = std::tie(parts[0], parts[1], parts[2], parts[3]);
  const std::string tagged = model + ":" + tag;
  const std::string full = space + "/" + tagged;
  const bool is_usual_host = host == "registry.ollama.ai";
  const bool is_library = is_usual_host && space == "library";

  OllamaName result;
  result.name = is_library ? tagged : is_usual_host ? full : host + "/" + full;
  for (const std::string& form : {host + "/" + full, full}) {
    if (form != result.name) result.aliases.push_back(form);
  }
  constexpr std::string_view latest = ":latest";
  if (result.name.ends_with(latest)) {
    result.aliases.push_back(result.name.substr(0, result.name.size() - latest.size()));
  }
  return result;
}

}  // namespace shimmy::models::stores

#include "pull/endpoints.h"

#include <filesystem>
#include <fstream>

#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::Result;
namespace fs = std::filesystem;

std::string value_of(const Environment& environment, std::string_view name) {
  return environment(name).value_or("");
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

fs::path token_file(const Environment& environment) {
  if (const std::string path = value_of(environment, "HF_TOKEN_PATH"); !path.empty()) return path;
  if (const std::string home = value_of(environment, "HF_HOME"); !home.empty()) {
    return fs::path(home) / "token";
  }
  const std::string cache = value_of(environment, "XDG_CACHE_HOME");
  const std::string home = value_of(environment, "HOME");
  if (cache.empty() && home.empty()) return {};
  return (cache.empty() ? fs::path(home) / ".cache" : fs::path(cache)) / "huggingface" / "token";
}

std::string token_of(const Environment& environment) {
  for (const std::string_view name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
    if (std::string token = trimmed(value_of(environment, name)); !token.empty()) return token;
  }
  std::ifstream file(token_file(environment));
  std::string line;
  std::getline(file, line);
  return trimmed(line);
}

Result<void> replace(std::string& endpoint, const Environment& environment, std::string_view name) {
  std::string value = trimmed(value_of(environment, name));
  if (value.empty()) return {};
  if (value.find("://") == std::string::npos) value.insert(0, "https://");
  if (auto url = transfer::parse_url(value); !url) {
    return base::fail(base::ErrorCode::InvalidRequest, "The value of {} cannot be used: {}", name,
                      url.error().message);
  }
  while (value.ends_with('/')) value.pop_back();
  endpoint = std::move(value);
  return {};
}

}  // namespace

Result<Endpoints> endpoints_of(const Environment& environment) {
  Endpoints endpoints;
  if (auto set = replace(endpoints.hub, environment, "HF_ENDPOINT"); !set) {
    return std::unexpected(std::move(set).error());
  }
  if (auto set = replace(endpoints.registry, environment, "SHIMMY_OLLAMA_REGISTRY"); !set) {
    return std::unexpected(std::move(set).error());
  }
  endpoints.hub_token = token_of(environment);
  return endpoints;
}

}  // namespace shimmy::pull

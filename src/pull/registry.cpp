#include "pull/registry.h"

#include <fmt/core.h>

#include <array>
#include <string_view>
#include <utility>

#include "pull/json_answer.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using base::Result;

constexpr std::string_view kLayerPrefix = "application/vnd.ollama.image.";
constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::uint64_t kMaxTextBytes = 256 << 10;

std::string base_of(const Endpoints& endpoints, const Reference& reference) {
  if (reference.host.empty()) return endpoints.registry;
  const std::string host = reference.host.substr(0, reference.host.find(':'));
  return (transfer::is_loopback(host) ? "http://" : "https://") + reference.host;
}

struct Layer {
  std::string kind;  // "model", "template", …
  RemoteFile file;
};

// Fails where a digest is not what it should be: it becomes part of an address.
Result<std::vector<Layer>> layers_of(const boost::json::value& manifest, const std::string& name) {
  std::vector<Layer> layers;
  const auto* listed = array_member(manifest, "layers");
  if (listed == nullptr) {
    return base::fail(ErrorCode::Io,
                      "The manifest of {} names no layers: this is no registry of models.", name);
  }
  for (const boost::json::value& entry : *listed) {
    const std::string type = text_member(entry, "mediaType");
    const std::string digest = text_member(entry, "digest");
    if (!type.starts_with(kLayerPrefix)) continue;
    if (!digest.starts_with(kDigestPrefix) || !is_sha256(std::string_view(digest).substr(7))) {
      return base::fail(ErrorCode::Io, "The manifest of {} has a digest that is none: \"{}\".",
                        name, digest);
    }
    layers.push_back({type.substr(kLayerPrefix.size()),
                      {digest, count_member(entry, "size"), digest.substr(kDigestPrefix.size())}});
  }
  return layers;
}

bool is_text(const Layer& layer) {
  constexpr std::array<std::string_view, 5> kinds{"template", "params", "system", "license",
                                                  "messages"};
  for (const std::string_view kind : kinds) {
    if (layer.kind == kind) return layer.file.bytes <= kMaxTextBytes;
  }
  return false;
}

}  // namespace

std::string blob_url(const Endpoints& endpoints, const Reference& reference,
                     const std::string& digest) {
  return fmt::format("{}/v2/{}/blobs/{}", base_of(endpoints, reference), reference.repository,
                     digest);
}

Result<RegistryModel> registry_model(const Access& access, const Reference& reference) {
  const std::string name = text_of(reference);
  transfer::Request request;
  request.url = fmt::format("{}/v2/{}/manifests/{}", base_of(access.endpoints, reference),
                            reference.repository, reference.wanted);
  request.headers = {{"Accept", "application/vnd.docker.distribution.manifest.v2+json"}};
  const auto answer = json_answer(access, request, name);
  if (!answer) return std::unexpected(answer.error());
  auto layers = layers_of(answer->body, name);
  if (!layers) return std::unexpected(std::move(layers).error());
  RegistryModel found;
  for (Layer& layer : *layers) {
    if (layer.kind == "model") {
      if (!found.model.path.empty()) {
        return base::fail(ErrorCode::Io,
                          "{} is made of several model files, which is not supported.", name);
      }
      found.model = std::move(layer.file);
    } else if (layer.kind == "projector") {
      found.projector = std::move(layer.file);
    } else if (is_text(layer)) {
      request.url = blob_url(access.endpoints, reference, layer.file.path);
      auto text = ask(access, request, kMaxTextBytes, name);
      if (!text) return std::unexpected(std::move(text).error());
      found.texts.push_back({layer.kind, std::move(text->body)});
    }
  }
  if (found.model.path.empty()) {
    return base::fail(ErrorCode::Io,
                      "{} has no GGUF file: shimmy cannot run it. Look for a GGUF of the "
                      "same model on the hub.",
                      name);
  }
  return found;
}

}  // namespace shimmy::pull

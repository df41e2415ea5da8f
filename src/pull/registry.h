// Ollama's registry, and those that work as it does: manifests and blobs by digest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "pull/access.h"
#include "pull/endpoints.h"
#include "pull/plan.h"
#include "pull/reference.h"
#include "pull/variants.h"
#include "transfer/http_client.h"

namespace shimmy::pull {

// What a manifest names; the path of each RemoteFile is its digest.
struct RegistryModel {
  RemoteFile model;
  std::optional<RemoteFile> projector;
  std::vector<SideText> texts;
};

// Blocks. Fails with ModelNotFound (no such model or tag), Io (a model that is no GGUF file), and
// as json_answer does.
base::Result<RegistryModel> registry_model(const Access& access, const Reference& reference);

std::string blob_url(const Endpoints& endpoints, const Reference& reference,
                     const std::string& digest);

}  // namespace shimmy::pull

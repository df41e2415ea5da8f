// The Hugging Face hub: the files of a repository, and where each is fetched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pull/access.h"
#include "pull/endpoints.h"
#include "pull/reference.h"
#include "pull/variants.h"
#include "transfer/http_client.h"

namespace shimmy::pull {

// Headers of a request to the hub: who asks.
std::vector<transfer::Header> hub_headers(const Endpoints& endpoints);

// All .gguf files of the repository. Blocks. Fails with ModelNotFound (no such repository, or none
// of these files in it), and as json_answer does.
base::Result<std::vector<RemoteFile>> hub_files(const Access& access, const Reference& reference);

std::string hub_url(const Endpoints& endpoints, const Reference& reference, std::string_view path);

}  // namespace shimmy::pull

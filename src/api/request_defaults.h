// What a model's configuration says where a request says nothing, in the protocols' words.
#pragma once

#include <optional>

#include "api/model_provider.h"
#include "protocol/request_defaults.h"

namespace shimmy::api {

// Empty where the protocols' own defaults stand: then a request need not be decoded again.
std::optional<protocol::RequestDefaults> request_defaults(const ServedModel& model);

}  // namespace shimmy::api

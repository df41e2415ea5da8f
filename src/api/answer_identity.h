// What tells one answer from every other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/model_provider.h"
#include "http/message.h"

namespace shimmy::api {

struct AnswerIdentity {
  std::string id;            // `prefix` and the request's own number
  std::int64_t created = 0;  // Unix seconds, now
  std::string fingerprint;   // "fp_…": the same as long as `version` and the model's file are
};

AnswerIdentity answer_identity(const http::Request& request, std::string_view prefix,
                               std::string_view version, const ServedModel& model);

}  // namespace shimmy::api

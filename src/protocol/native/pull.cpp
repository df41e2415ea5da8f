#include "protocol/native/pull.h"

#include <fmt/format.h>

#include "base/quantity.h"
#include "protocol/json/fields.h"
#include "protocol/json/text.h"

namespace shimmy::protocol::native {

base::Result<PullRequest> decode_pull_request(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  json::Fields fields(*object);
  PullRequest request;
  request.model = fields.required_text("model");
  request.quantization = fields.text("quantization").value_or("");
  request.stream = fields.flag("stream").value_or(false);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

std::string encode_pull_progress(const PullProgress& progress) {
  const std::string left = progress.seconds_left ? fmt::to_string(*progress.seconds_left) : "null";
  return fmt::format(R"({{"status":"{}","file":{},"completed":{},"total":{},)"
                     R"("bytes_per_second":{:.0f},"seconds_left":{},"reason":{}}})",
                     progress.status, json::quoted_or_null(progress.file), progress.completed,
                     progress.total, progress.bytes_per_second, left,
                     json::quoted_or_null(progress.reason));
}

std::string encode_pull_outcome(const PullOutcome& outcome) {
  const std::string message =
      fmt::format("{} {} ({}).", outcome.model, outcome.was_there ? "was there already" : "is here",
                  base::human_bytes(outcome.bytes));
  return fmt::format(
      R"({{"message":{},"status":"success","model":{},"size_bytes":{},"was_there":{}}})",
      json::quoted(message), json::quoted(outcome.model), outcome.bytes, outcome.was_there);
}

std::string encode_pull_cancelled(std::string_view model) {
  return fmt::format(
      R"({{"message":{},"status":"success","model":{}}})",
      json::quoted(fmt::format("The pull of {} is cancelled; what has come is kept.", model)),
      json::quoted(model));
}

}  // namespace shimmy::protocol::native

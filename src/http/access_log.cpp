#include "http/access_log.h"

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace shimmy::http {
namespace {

// As much of a header as anybody needs to see.
constexpr std::size_t kHeaderBytes = 200;

}  // namespace

void log_access(const base::Logger& log, const AccessRecord& record) {
  if (!log.enabled(base::LogLevel::Info)) return;
  const Request& request = record.request;
  std::vector<base::LogField> fields = {
      {"method", request.method},
      {"path", request.path},
      {"status", std::int64_t{record.status}},
      {"duration_ms", base::milliseconds(record.duration)},
      {"bytes", static_cast<std::int64_t>(record.bytes)},
  };
  if (record.first_byte.count() > 0) {
    fields.push_back({"first_byte_ms", base::milliseconds(record.first_byte)});
  }
  for (const Note& note : record.notes) {
    std::visit([&](const auto& value) { fields.push_back({note.name, value}); }, note.value);
  }
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) fields.push_back({key, value.substr(0, kHeaderBytes)});
  };
  add("peer", request.peer);
  if (request.client != request.peer) add("client", request.client);
  add("user_agent", request.header("user-agent"));
  add("client_request_id", request.header("x-client-request-id"));
  fields.push_back({"id", request.id});
  log.write(base::LogLevel::Info, record.message, fields);
}

}  // namespace shimmy::http

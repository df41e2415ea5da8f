#include "api/answer_identity.h"

#include <fmt/format.h>

#include <chrono>

namespace shimmy::api {
namespace {

// FNV-1a, so that the fingerprint is the same in every process.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) {
    value ^= static_cast<unsigned char>(c);
    value *= 0x100000001b3;
  }
  return value;
}

}  // namespace

AnswerIdentity answer_identity(const http::Request& request, std::string_view prefix,
                               std::string_view version, const ServedModel& model) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string_view number = std::string_view(request.id).substr(request.id.find('_') + 1);
  const std::string what =
      fmt::format("{} {} {}", version, model.id, model.engine->facts().weight_bytes);
  return {.id = fmt::format("{}{}", prefix, number),
          .created = std::chrono::duration_cast<std::chrono::seconds>(now).count(),
          .fingerprint = fmt::format("fp_{:012x}", hash(what) & 0xffffffffffff)};
}

}  // namespace shimmy::api

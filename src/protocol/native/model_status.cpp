#include "protocol/native/model_status.h"

#include <fmt/format.h>

#include "protocol/json/text.h"

namespace shimmy::protocol::native {
namespace {

std::string number_or_null(std::optional<std::int64_t> value) {
  return value ? fmt::to_string(*value) : "null";
}

std::string names(const std::vector<std::string>& all) {
  std::string array;
  for (const std::string& name : all) array += (array.empty() ? "" : ",") + json::quoted(name);
  return "[" + array + "]";
}

std::string members(const StatusCard& card) {
  const std::uint64_t total = card.weights_bytes + card.kv_cache_bytes + card.compute_bytes;
  return fmt::format(
      R"("name":{},"model":{},"state":"{}","loaded":{},"progress":{:.2f},"reason":{},)"
      R"("memory":{{"weights_bytes":{},"kv_cache_bytes":{},"compute_bytes":{},"total_bytes":{}}},)"
      R"("requests":{{"active":{},"queued":{}}},)"
      R"("context":{{"tokens":{},"limit":{},"used":{}}},)"
      R"("last_used":{},"keep_alive_seconds":{},"pinned":{},"shares_memory_with":{},)"
      R"("speed":{{"prefill_tokens_per_second":{:.1f},"decode_tokens_per_second":{:.1f}}})",
      json::quoted(card.name), json::quoted(card.name), card.state, card.is_loaded, card.progress,
      json::quoted_or_null(card.reason), card.weights_bytes, card.kv_cache_bytes,
      card.compute_bytes, total, card.active, card.queued, card.context_tokens, card.context_limit,
      card.context_used, number_or_null(card.last_used), number_or_null(card.keep_alive_seconds),
      card.pinned, names(card.shares_with), card.prefill_tokens_per_second,
      card.decode_tokens_per_second);
}

}  // namespace

std::string encode_status(const StatusCard& card) {
  return fmt::format(R"({{"status":"{}",{}}})", card.state, members(card));
}

std::string encode_outcome(std::string_view message, const StatusCard& card) {
  return fmt::format(R"({{"message":{},"status":"success",{}}})", json::quoted(message),
                     members(card));
}

std::string encode_progress(std::string_view state, double progress) {
  return fmt::format(R"({{"state":"{}","progress":{:.2f}}})", state, progress);
}

std::string encode_event(std::string_view json) { return fmt::format("data: {}\n\n", json); }

}  // namespace shimmy::protocol::native

#include "protocol/native/load_request.h"

#include <limits>

#include "protocol/json/fields.h"
#include "protocol/json/keep_alive.h"

namespace shimmy::protocol::native {
namespace {

using json::Fields;

std::optional<std::size_t> count(Fields& fields, std::string_view key, std::int64_t most) {
  const auto value = fields.integer(key, 1, most);
  if (!value) return std::nullopt;
  return static_cast<std::size_t>(*value);
}

std::optional<generation::CacheType> cache_type(Fields& fields, std::string_view key) {
  const auto name = fields.text(key);
  if (!name) return std::nullopt;
  const auto type = generation::parse_cache_type(*name);
  if (!type) fields.fail_value(key, *name, generation::kCacheTypeNames);
  return type;
}

}  // namespace

base::Result<LoadRequest> decode_load_request(std::string_view body) {
  LoadRequest request;
  if (body.empty()) return request;
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  for (const std::string_view name : {"context", "ctx", "num_ctx"}) {
    if (!request.context_tokens) request.context_tokens = count(fields, name, most);
  }
  request.parallel = count(fields, "parallel", 256);
  request.key_type = cache_type(fields, "cache_type_k");
  request.value_type = cache_type(fields, "cache_type_v");
  if (const auto layers = fields.integer("gpu_layers", -1, most)) {
    request.gpu_layers = static_cast<std::int32_t>(*layers);
  }
  request.pinned = fields.flag("pin");
  request.keep_alive_seconds = json::decode_keep_alive(fields);
  request.stream = fields.flag("stream").value_or(false);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

}  // namespace shimmy::protocol::native

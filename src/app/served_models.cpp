#include "app/served_models.h"

#include <boost/json.hpp>

namespace shimmy::app {
namespace {

namespace json = boost::json;
using base::Result;

// A member of an object that may be missing or of another kind: the server may be older or newer
// than this program.
const json::value* find(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

std::string text(const json::object& object, const char* key) {
  const json::value* value = find(object, key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

template <class Number>
std::optional<Number> number(const json::object& object, const char* key) {
  const json::value* value = find(object, key);
  boost::system::error_code error;
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const Number result = value->to_number<Number>(error);
  if (error) return std::nullopt;
  return result;
}

std::vector<std::string> texts(const json::object& object, const char* key) {
  std::vector<std::string> result;
  const json::value* value = find(object, key);
  if (value == nullptr || !value->is_array()) return result;
  for (const json::value& element : value->get_array()) {
    if (element.is_string()) result.emplace_back(element.get_string());
  }
  return result;
}

const json::object& part(const json::object& object, const char* key) {
  static const json::object none;
  const json::value* value = find(object, key);
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

ServedStatus status(const json::object& object) {
  const json::object& memory = part(object, "memory");
  const json::object& requests = part(object, "requests");
  const json::object& context = part(object, "context");
  const json::object& speed = part(object, "speed");
  ServedStatus result;
  result.name = text(object, "name");
  result.state = text(object, "state");
  result.progress = number<double>(object, "progress").value_or(0);
  result.reason = text(object, "reason");
  result.weights_bytes = number<std::uint64_t>(memory, "weights_bytes").value_or(0);
  result.kv_cache_bytes = number<std::uint64_t>(memory, "kv_cache_bytes").value_or(0);
  result.compute_bytes = number<std::uint64_t>(memory, "compute_bytes").value_or(0);
  result.total_bytes = number<std::uint64_t>(memory, "total_bytes").value_or(0);
  result.active_requests = number<std::size_t>(requests, "active").value_or(0);
  result.queued_requests = number<std::size_t>(requests, "queued").value_or(0);
  result.context_tokens = number<std::size_t>(context, "tokens").value_or(0);
  result.context_limit = number<std::size_t>(context, "limit").value_or(0);
  result.context_used = number<std::size_t>(context, "used").value_or(0);
  result.last_used = number<std::int64_t>(object, "last_used");
  result.keep_alive_seconds = number<double>(object, "keep_alive_seconds");
  const json::value* pinned = find(object, "pinned");
  result.is_pinned = pinned != nullptr && pinned->is_bool() && pinned->get_bool();
  result.shares_with = texts(object, "shares_memory_with");
  result.prefill_speed = number<double>(speed, "prefill_tokens_per_second").value_or(0);
  result.decode_speed = number<double>(speed, "decode_tokens_per_second").value_or(0);
  return result;
}

std::unexpected<base::Error> not_understood() {
  return base::fail(base::ErrorCode::Unavailable,
                    "The server's answer is not what a shimmy of this version says: is it shimmy, "
                    "and how old is it?");
}

json::value parse(std::string_view body) {
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error) return {};
  return value;
}

}  // namespace

Result<std::vector<ServedStatus>> parse_served_models(std::string_view body) {
  const json::value value = parse(body);
  const json::value* models = value.is_object() ? find(value.get_object(), "models") : nullptr;
  if (models == nullptr || !models->is_array()) return not_understood();
  std::vector<ServedStatus> result;
  for (const json::value& model : models->get_array()) {
    if (!model.is_object()) return not_understood();
    ServedStatus served = status(part(model.get_object(), "status"));
    if (served.name.empty()) served.name = text(model.get_object(), "name");
    result.push_back(std::move(served));
  }
  return result;
}

Result<ServedStatus> parse_served_status(std::string_view body) {
  const json::value value = parse(body);
  if (!value.is_object()) return not_understood();
  ServedStatus result = status(value.get_object());
  if (result.name.empty()) result.name = text(value.get_object(), "model");
  if (result.name.empty() || result.state.empty()) return not_understood();
  return result;
}

}  // namespace shimmy::app

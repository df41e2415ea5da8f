#include "protocol/json/fields.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace shimmy::protocol::json {
namespace {

using base::Error;
using base::ErrorCode;

Error invalid(std::string path, std::string reason, std::string message) {
  return {ErrorCode::InvalidRequest, std::move(message), {}, std::move(path), std::move(reason)};
}

Error unparsed(std::string_view why) {
  return invalid({}, {}, fmt::format("We could not parse the JSON body of your request. {}", why));
}

bool is_deep(const boost::json::error_code& error) { return error == boost::json::error::too_deep; }

template <class Number>
Error range_error(const std::string& path, std::string_view kind, Number value, Number low,
                  Number high) {
  const bool below = value < low;
  return invalid(
      path, fmt::format("{}_{}", kind, below ? "below_min_value" : "above_max_value"),
      fmt::format("Invalid '{}': {} {} value. Expected a value {} {}, but got {} instead.", path,
                  kind, below ? "below minimum" : "above maximum",
                  below ? ">=" : "<=", below ? low : high, value));
}

}  // namespace

base::Result<boost::json::object> parse_object(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return std::unexpected(unparsed("It is empty: send a JSON object."));
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::stream_parser parser({}, options);
  boost::json::error_code error;
  const std::size_t read = parser.write_some(body.data(), body.size(), error);
  if (!error) parser.finish(error);
  const std::size_t rest = body.find_first_not_of(" \t\r\n", read);
  if (!error && rest != std::string_view::npos)
    return std::unexpected(unparsed(fmt::format("More text follows the value at byte {}.", rest)));
  if (is_deep(error)) {
    return std::unexpected(unparsed(fmt::format("It is nested deeper than {} levels.", kMaxDepth)));
  }
  if (error) {
    return std::unexpected(
        unparsed(fmt::format("At byte {} it is not valid JSON: {}.", read, error.message())));
  }
  boost::json::value value = parser.release();
  if (!value.is_object()) {
    return std::unexpected(
        unparsed(fmt::format("Expected an object, but got {} instead.", kind_name(value))));
  }
  return std::move(value.get_object());
}

std::string_view kind_name(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "a boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64: return "an integer";
    case boost::json::kind::double_: return "a decimal";
    case boost::json::kind::string: return "a string";
    case boost::json::kind::array: return "an array";
    case boost::json::kind::object: return "an object";
  }
  return "null";
}

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

std::optional<std::int64_t> as_integer(const boost::json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  // The bounds are exact powers of two; the upper one is just out of range.
  if (!(number >= -0x1p63 && number < 0x1p63) || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

Error type_error(std::string path, std::string_view expected, const boost::json::value& value) {
  std::string message = fmt::format("Invalid type for '{}': expected {}, but got {} instead.", path,
                                    expected, kind_name(value));
  return invalid(std::move(path), "invalid_type", std::move(message));
}

Fields::Fields(const boost::json::object& object, std::string path)
    : object_(object), path_(std::move(path)) {}

const boost::json::value* Fields::find(std::string_view key) const {
  const boost::json::value* value =
      object_.if_contains(boost::json::string_view(key.data(), key.size()));
  return value != nullptr && value->is_null() ? nullptr : value;
}

std::optional<std::string> Fields::text(std::string_view key) {
  const boost::json::value* value = find(key);
  if (value == nullptr || !ok()) return std::nullopt;
  if (const auto* text = value->if_string()) return std::string(view(*text));
  fail_type(key, "a string", *value);
  return std::nullopt;
}

std::optional<bool> Fields::flag(std::string_view key) {
  const boost::json::value* value = find(key);
  if (value == nullptr || !ok()) return std::nullopt;
  if (const bool* flag = value->if_bool()) return *flag;
  fail_type(key, "a boolean", *value);
  return std::nullopt;
}

std::optional<double> Fields::decimal(std::string_view key, double low, double high) {
  const boost::json::value* value = find(key);
  if (value == nullptr || !ok()) return std::nullopt;
  if (!value->is_number()) {
    fail_type(key, "a decimal", *value);
    return std::nullopt;
  }
  const auto number = value->to_number<double>();
  if (number >= low && number <= high) return number;
  fail(range_error(path_of(key), "decimal", number, low, high));
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view key, std::int64_t low,
                                            std::int64_t high) {
  const boost::json::value* value = find(key);
  if (value == nullptr || !ok()) return std::nullopt;
  if (value->is_uint64()) {  // beyond int64
    fail(range_error<std::uint64_t>(path_of(key), "integer", value->get_uint64(), 0,
                                    static_cast<std::uint64_t>(high)));
    return std::nullopt;
  }
  const auto number = as_integer(*value);
  if (!number) {
    fail_type(key, "an integer", *value);
    return std::nullopt;
  }
  if (*number >= low && *number <= high) return number;
  fail(range_error(path_of(key), "integer", *number, low, high));
  return std::nullopt;
}

const boost::json::array* Fields::array(std::string_view key) {
  const boost::json::value* value = find(key);
  if (value == nullptr || !ok()) return nullptr;
  if (!value->is_array()) fail_type(key, "an array", *value);
  return value->if_array();
}

const boost::json::object* Fields::object(std::string_view key) {
  const boost::json::value* value = find(key);
  if (value == nullptr || !ok()) return nullptr;
  if (!value->is_object()) fail_type(key, "an object", *value);
  return value->if_object();
}

std::string Fields::required_text(std::string_view key) {
  if (find(key) == nullptr) fail_missing(key);
  return text(key).value_or("");
}

const boost::json::array* Fields::required_array(std::string_view key) {
  if (find(key) == nullptr) fail_missing(key);
  const boost::json::array* items = array(key);
  if (items == nullptr || !items->empty()) return items;
  const std::string path = path_of(key);
  fail(invalid(path, "empty_array",
               fmt::format("Invalid '{}': empty array. Expected an array with minimum length 1, "
                           "but got an empty array instead.",
                           path)));
  return nullptr;
}

std::string Fields::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void Fields::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

void Fields::fail_missing(std::string_view key) {
  const std::string path = path_of(key);
  fail(invalid(path, "missing_required_parameter",
               fmt::format("Missing required parameter: '{}'.", path)));
}

void Fields::fail_type(std::string_view key, std::string_view expected,
                       const boost::json::value& value) {
  fail(type_error(path_of(key), expected, value));
}

void Fields::fail_value(std::string_view key, std::string_view value,
                        std::span<const std::string_view> supported) {
  std::string list;
  for (std::size_t i = 0; i < supported.size(); ++i) {
    if (i > 0) list += i + 1 < supported.size() ? ", " : supported.size() > 2 ? ", and " : " and ";
    list += fmt::format("'{}'", supported[i]);
  }
  fail(invalid(path_of(key), "invalid_value",
               fmt::format("Invalid value: '{}'. Supported values are: {}.", value, list)));
}

}  // namespace shimmy::protocol::json

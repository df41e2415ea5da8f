#include "models/json_file.h"

#include <boost/json.hpp>

#include "base/escape.h"
#include "models/regular_file.h"

namespace shimmy::models {
namespace {

namespace json = boost::json;

const json::value* member(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(key);
}

}  // namespace

base::Result<json::value> read_json(const std::filesystem::path& path) {
  constexpr std::size_t megabyte = 1 << 20;
  const auto text = read_text(path, megabyte);
  if (!text) return std::unexpected(text.error());
  boost::system::error_code error;
  json::value value = json::parse(*text, error);  // 32 levels by default
  if (error) {
    return base::fail(base::ErrorCode::ModelLoadFailed, "{} is not valid JSON: {}.",
                      base::escape_control(path.native()), error.message());
  }
  return value;
}

const json::object* object_at(const json::value& value, std::string_view key) {
  const json::value* found = member(value, key);
  return found == nullptr ? nullptr : found->if_object();
}

const json::array* array_at(const json::value& value, std::string_view key) {
  const json::value* found = member(value, key);
  return found == nullptr ? nullptr : found->if_array();
}

std::string string_at(const json::value& value, std::string_view key) {
  const json::value* found = member(value, key);
  const json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

}  // namespace shimmy::models

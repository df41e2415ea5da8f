#include "cli/json_text.h"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <cmath>
#include <string_view>

namespace shimmy::cli {
namespace {

namespace json = boost::json;

std::string decimal(double number) {
  if (!std::isfinite(number)) return "null";
  std::string text = fmt::format("{:.3f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string quoted(std::string_view text) {
  return json::serialize(json::string_view(text.data(), text.size()));
}

void append(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) {
    const char* separator = "{";
    for (const auto& [key, member] : *object) {
      out.append(separator).append(quoted(key)).append(":");
      append(out, member);
      separator = ",";
    }
    out += object->empty() ? "{}" : "}";
  } else if (const auto* array = value.if_array()) {
    const char* separator = "[";
    for (const json::value& element : *array) {
      out += separator;
      append(out, element);
      separator = ",";
    }
    out += array->empty() ? "[]" : "]";
  } else if (const double* number = value.if_double()) {
    out += decimal(*number);
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string out;
  append(out, value);
  return out += '\n';
}

}  // namespace shimmy::cli

#include "protocol/openai/unsupported.h"

#include <fmt/format.h>

namespace shimmy::protocol::openai {
namespace {

using boost::json::value;
using json::Fields;

bool always(const value& /*given*/) { return true; }

bool not_empty(const value& given) {
  if (const auto* array = given.if_array()) return !array->empty();
  if (const auto* object = given.if_object()) return !object->empty();
  if (const auto* text = given.if_string()) return !text->empty();
  return true;
}

bool not_false(const value& given) { return !given.is_bool() || given.get_bool(); }
bool not_zero(const value& given) { return json::as_integer(given) != 0; }
bool is_positive(const value& given) { return !given.is_number() || given.to_number<double>() > 0; }
bool not_one(const value& given) { return json::as_integer(given) != 1; }

bool is_text(const value& given, std::string_view wanted) {
  const auto* text = given.if_string();
  return text != nullptr && json::view(*text) == wanted;
}

bool wants_more_than_text(const value& given) {
  const auto* modalities = given.if_array();
  if (modalities == nullptr) return true;
  for (const value& modality : *modalities) {
    if (!is_text(modality, "text")) return true;
  }
  return false;
}

struct Rule {
  std::string_view key;
  bool (*changes_the_answer)(const value& given);
  std::string_view code = "unsupported_parameter";
};

constexpr Rule kRules[] = {
    {"use_beam_search", not_false},
    {"length_penalty", not_one},
    {"modalities", wants_more_than_text, "unsupported_value"},
    {"audio", always},
    {"samplers", not_empty},
    {"top_n_sigma", is_positive},
    {"dynatemp_range", not_zero},
    {"guided_whitespace_pattern", not_empty},
    {"lora", not_empty},
};

}  // namespace

base::Error unsupported(std::string path, std::string_view what, std::string_view code) {
  return {base::ErrorCode::InvalidRequest,
          fmt::format("{} not supported yet.", what),
          {},
          std::move(path),
          std::string(code)};
}

void refuse_unsupported(Fields& fields) {
  for (const Rule& rule : kRules) {
    const value* given = fields.find(rule.key);
    if (given == nullptr || !rule.changes_the_answer(*given)) continue;
    fields.fail(unsupported(std::string(rule.key),
                            fmt::format("Unsupported parameter: this value of '{}' is", rule.key),
                            rule.code));
    return;
  }
}

}  // namespace shimmy::protocol::openai

#include "grammar/schema_keywords.h"

#include <algorithm>
#include <array>

namespace shimmy::grammar {
namespace {

struct Known {
  std::string_view keyword;
  Keyword kind;
  std::string_view type;
};

constexpr std::array kKnown{
    Known{"type", Keyword::Enforced, ""},
    Known{"enum", Keyword::Enforced, ""},
    Known{"const", Keyword::Enforced, ""},
    Known{"anyOf", Keyword::Enforced, ""},
    Known{"oneOf", Keyword::Enforced, ""},
    Known{"allOf", Keyword::Enforced, ""},
    Known{"$ref", Keyword::Enforced, ""},
    Known{"not", Keyword::Unenforced, ""},
    Known{"if", Keyword::Unenforced, ""},
    Known{"then", Keyword::Unenforced, ""},
    Known{"else", Keyword::Unenforced, ""},
    Known{"properties", Keyword::Enforced, "object"},
    Known{"required", Keyword::Enforced, "object"},
    Known{"additionalProperties", Keyword::Enforced, "object"},
    Known{"patternProperties", Keyword::Enforced, "object"},
    Known{"propertyNames", Keyword::Enforced, "object"},
    Known{"minProperties", Keyword::Enforced, "object"},
    Known{"maxProperties", Keyword::Enforced, "object"},
    Known{"unevaluatedProperties", Keyword::Unenforced, "object"},
    Known{"dependentRequired", Keyword::Unenforced, "object"},
    Known{"dependentSchemas", Keyword::Unenforced, "object"},
    Known{"dependencies", Keyword::Unenforced, "object"},
    Known{"items", Keyword::Enforced, "array"},
    Known{"prefixItems", Keyword::Enforced, "array"},
    Known{"minItems", Keyword::Enforced, "array"},
    Known{"maxItems", Keyword::Enforced, "array"},
    Known{"uniqueItems", Keyword::Unenforced, "array"},
    Known{"contains", Keyword::Unenforced, "array"},
    Known{"minContains", Keyword::Unenforced, "array"},
    Known{"maxContains", Keyword::Unenforced, "array"},
    Known{"additionalItems", Keyword::Unenforced, "array"},
    Known{"unevaluatedItems", Keyword::Unenforced, "array"},
    Known{"minLength", Keyword::Enforced, "string"},
    Known{"maxLength", Keyword::Enforced, "string"},
    Known{"pattern", Keyword::Enforced, "string"},
    Known{"format", Keyword::Enforced, "string"},
    Known{"minimum", Keyword::Enforced, "number"},
    Known{"maximum", Keyword::Enforced, "number"},
    Known{"exclusiveMinimum", Keyword::Enforced, "number"},
    Known{"exclusiveMaximum", Keyword::Enforced, "number"},
    Known{"multipleOf", Keyword::Enforced, "number"},
    Known{"$dynamicRef", Keyword::Unenforced, ""},
    Known{"$recursiveRef", Keyword::Unenforced, ""},
    Known{"title", Keyword::Annotation, ""},
    Known{"description", Keyword::Annotation, ""},
    Known{"default", Keyword::Annotation, ""},
    Known{"example", Keyword::Annotation, ""},
    Known{"examples", Keyword::Annotation, ""},
    Known{"deprecated", Keyword::Annotation, ""},
    Known{"readOnly", Keyword::Annotation, ""},
    Known{"writeOnly", Keyword::Annotation, ""},
    Known{"discriminator", Keyword::Annotation, ""},
    Known{"contentEncoding", Keyword::Annotation, ""},
    Known{"contentMediaType", Keyword::Annotation, ""},
    Known{"contentSchema", Keyword::Annotation, ""},
    Known{"markdownDescription", Keyword::Annotation, ""},
    Known{"definitions", Keyword::Annotation, ""},
    Known{"$defs", Keyword::Annotation, ""},
    Known{"$schema", Keyword::Annotation, ""},
    Known{"$id", Keyword::Annotation, ""},
    Known{"id", Keyword::Annotation, ""},
    Known{"$anchor", Keyword::Annotation, ""},
    Known{"$comment", Keyword::Annotation, ""},
    Known{"$vocabulary", Keyword::Annotation, ""},
};

const Known* find(std::string_view keyword) {
  const auto* const place = std::ranges::find(kKnown, keyword, &Known::keyword);
  return place == kKnown.end() ? nullptr : place;
}

}  // namespace

Keyword kind_of(std::string_view keyword) {
  if (const Known* known = find(keyword)) return known->kind;
  // Nobody knows what other words want; JSON Schema reserves "x-" for words that mean nothing.
  return keyword.starts_with("x-") ? Keyword::Annotation : Keyword::Unenforced;
}

std::string_view type_of(std::string_view keyword) {
  const Known* known = find(keyword);
  return known == nullptr ? "" : known->type;
}

bool says_only(const boost::json::object& schema, std::initializer_list<std::string_view> known) {
  return std::ranges::all_of(schema, [&](const auto& member) {
    const std::string_view keyword = member.key();
    return kind_of(keyword) == Keyword::Annotation ||
           std::ranges::find(known, keyword) != known.end();
  });
}

}  // namespace shimmy::grammar

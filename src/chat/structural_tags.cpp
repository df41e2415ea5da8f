#include "chat/structural_tags.h"

#include <utility>

namespace shimmy::chat::tags {

json::object text(std::string_view value) { return {{"type", "const_string"}, {"value", value}}; }

json::object any_text() { return {{"type", "any_text"}}; }

json::object regex(std::string_view pattern) { return {{"type", "regex"}, {"pattern", pattern}}; }

json::object blanks() { return regex("[ \\n\\t]{0,4}"); }

json::object schema(const json::value& json_schema, std::string_view style) {
  json::object made{{"type", "json_schema"}, {"json_schema", json_schema}};
  if (style != "json") made["style"] = style;
  return made;
}

json::object sequence(json::array elements) {
  return {{"type", "sequence"}, {"elements", std::move(elements)}};
}

json::object any_of(json::array elements) {
  if (elements.size() == 1) return std::move(elements[0].get_object());
  return {{"type", "or"}, {"elements", std::move(elements)}};
}

json::object optional(json::object content) {
  return {{"type", "optional"}, {"content", std::move(content)}};
}

json::object one_or_more(json::object content) {
  return {{"type", "plus"}, {"content", std::move(content)}};
}

json::object tag(std::string_view begin, json::object content, json::value end) {
  return {
      {"type", "tag"}, {"begin", begin}, {"content", std::move(content)}, {"end", std::move(end)}};
}

json::object triggered(json::array triggers, json::array tags, bool once) {
  return {{"type", "triggered_tags"},
          {"triggers", std::move(triggers)},
          {"tags", std::move(tags)},
          {"at_least_one", false},
          {"stop_after_first", once}};
}

json::object of(const generation::Constraint& constraint) {
  using Kind = generation::Constraint::Kind;
  switch (constraint.kind) {
    case Kind::JsonSchema: return schema(json::parse(constraint.text));
    case Kind::Regex: return regex(constraint.text);
    case Kind::Gbnf: return {{"type", "grammar"}, {"grammar", constraint.text}};
    case Kind::StructuralTag:
      return json::parse(constraint.text).as_object().at("format").as_object();
    case Kind::JsonObject:
    case Kind::None: break;
  }
  return schema({{"type", "object"}});
}

}  // namespace shimmy::chat::tags

// XGrammar's structural-tag formats as JSON values.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "generation/constraint.h"

namespace shimmy::chat::tags {

namespace json = boost::json;

json::object text(std::string_view value);  // exactly this
json::object any_text();                    // up to the end of the tag around it
json::object regex(std::string_view pattern);
json::object blanks();  // a little white space, or none
json::object schema(const json::value& json_schema, std::string_view style = "json");
json::object sequence(json::array elements);
json::object any_of(json::array elements);  // the element itself, if it is one
json::object optional(json::object content);
json::object one_or_more(json::object content);
json::object tag(std::string_view begin, json::object content, json::value end);

// Free text, until one of `triggers` comes: then the tag that begins with it.
json::object triggered(json::array triggers, json::array tags, bool once);

// Of any kind but None.
json::object of(const generation::Constraint& constraint);

}  // namespace shimmy::chat::tags

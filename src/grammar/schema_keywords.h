// What is known of each keyword of JSON Schema.
#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <string_view>

namespace shimmy::grammar {

enum class Keyword {
  Annotation,  // says nothing about which values are valid
  Enforced,    // kept by every output
  Unenforced,  // would forbid more than the grammar does
};

Keyword kind_of(std::string_view keyword);

// "string", "array", …: the type that a keyword is about; empty for keywords about every type.
std::string_view type_of(std::string_view keyword);

// True when the schema says nothing but annotations, apart from the keywords in `known`.
bool says_only(const boost::json::object& schema, std::initializer_list<std::string_view> known);

}  // namespace shimmy::grammar

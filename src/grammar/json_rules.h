// Rules for JSON of any shape. Separators are ", " and ": ", and nothing else is blank.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "grammar/rules.h"

namespace shimmy::grammar {

constexpr const char* kItemSeparator = "\", \"";
constexpr const char* kNameSeparator = "\": \"";

// A value written out, as the grammar's literal.
std::string json_literal(const boost::json::value& value);

// The rules' names, or expressions.
std::string any_value(Rules& rules);
std::string any_object(Rules& rules);
std::string any_array(Rules& rules);
std::string any_string(Rules& rules);
std::string any_integer();
std::string any_number();

// A string of `least` to `most` characters; most < 0: without end. An escape
// in a long one may count for two.
std::string sized_string(Rules& rules, std::size_t least, std::ptrdiff_t most);

// A name that is none of `taken`. It has no escapes.
std::string other_name(Rules& rules, const std::vector<std::string>& taken);

// "[" item, item "]" with `least` to `most` items.
std::string list_of(const std::string& item, std::size_t least, std::ptrdiff_t most,
                    const char* open, const char* close);

}  // namespace shimmy::grammar

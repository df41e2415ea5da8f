// Several schemas that one value must obey, as one schema.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace shimmy::grammar {

// Adds what `other` demands to `schema`. Returns the keyword that both have and that could not be
// put together (`schema` keeps its own), or "" when the result says exactly what both say.
std::string merge_schema(boost::json::object& schema, const boost::json::object& other);

}  // namespace shimmy::grammar

// Writes the rules of one JSON Schema; see schema_grammar.h.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "grammar/rules.h"

namespace shimmy::grammar {

class SchemaWriter {
 public:
  // `root` must outlive it: references lead into it.
  SchemaWriter(const boost::json::value& root, bool strict) : root_(root), strict_(strict) {}

  // The whole grammar.
  base::Result<std::string> write();

 private:
  using Object = boost::json::object;
  using Value = boost::json::value;

  // The first thing that is wrong is what the user hears of; all below then have no meaning.
  std::string refuse(std::string message);
  std::string refuse_keyword(std::string_view keyword, std::string_view why);
  bool is_broken() const { return error_.has_value(); }
  bool is_within_limits();

  // Expressions. Each counts on the keywords of its own type only.
  std::string value(const Value& schema);
  std::string object_schema(const Object& schema);
  std::string reference(const Object& schema);
  std::string merged(const Object& schema);
  std::string alternatives(const Object& schema, std::string_view keyword);
  std::string listed_values(const Object& schema);
  std::string typed(const Object& schema);
  std::string of_type(std::string_view type, const Object& schema);

  std::string string(const Object& schema);
  std::string integer(const Object& schema);
  std::string multiples(const Object& schema, std::optional<std::int64_t> least,
                        std::optional<std::int64_t> most);
  std::string number(const Object& schema);
  std::string array(const Object& schema);
  std::string object(const Object& schema);
  std::string free_object(const Object& schema);

  struct Property {
    std::string name;
    std::string text;  // name, separator and value
    bool required = false;
  };
  std::vector<Property> properties(const Object& schema);
  std::string property_list(const std::vector<Property>& properties, const std::string& other);
  void check_property_counts(const Object& schema, const std::vector<Property>& properties,
                             bool has_others);

  // Keywords of the schema that have to have a certain form. Nothing when absent or broken.
  std::optional<std::size_t> count(const Object& schema, std::string_view keyword);
  std::optional<double> finite(const Object& schema, std::string_view keyword);
  const boost::json::string* text_of(const Object& schema, std::string_view keyword);
  void check_keywords(const Object& schema);
  const Value* target(const boost::json::string& reference);
  void check_left_recursion();

  const Value& root_;
  const bool strict_;
  std::optional<base::Error> error_;
  Rules rules_;
  std::vector<std::string> path_;  // where the walk is, for messages
  int depth_ = 0;

  std::map<std::string, std::string> references_;  // by pointer: its rule
  // Which rules each rule may begin with, and the rule at hand; empty once something came first.
  std::map<std::string, std::set<std::string>> begins_with_;
  std::string beginning_;
};

}  // namespace shimmy::grammar

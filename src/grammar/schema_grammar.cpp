#include "grammar/schema_grammar.h"

#include <boost/json/parse.hpp>
#include <boost/system/error_code.hpp>
#include <exception>

#include "grammar/json_rules.h"
#include "grammar/schema_writer.h"

namespace shimmy::grammar {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxSchemaBytes = 1 << 18;
constexpr std::size_t kMaxSchemaDepth = 200;  // of the JSON itself

}  // namespace

base::Result<std::string> schema_grammar(std::string_view schema, bool strict) {
  if (schema.size() > kMaxSchemaBytes) {
    return base::fail_field("schema", "The schema has {} bytes; at most {} are allowed.",
                            schema.size(), kMaxSchemaBytes);
  }
  json::parse_options options;
  options.max_depth = kMaxSchemaDepth;
  boost::system::error_code code;
  const json::value root = json::parse(schema, code, {}, options);
  if (code) {
    return base::fail_field("schema", "The schema is no valid JSON: {}.", code.message());
  }
  return SchemaWriter(root, strict).write();
}

std::string object_grammar() {
  Rules rules;
  const std::string body = any_object(rules);
  return rules.with_root(body);
}

}  // namespace shimmy::grammar

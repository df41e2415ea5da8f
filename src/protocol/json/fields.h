// Strict reading of JSON requests, shared by the dialects. Includes Boost.JSON: only for .cpp files
// of protocol/.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace shimmy::protocol::json {

// Deeper nesting is refused.
constexpr std::size_t kMaxDepth = 128;

// The one object of a request's body. Refuses what is no JSON, invalid UTF-8 and other values.
base::Result<boost::json::object> parse_object(std::string_view body);

// "a string", "an integer", "null", …
std::string_view kind_name(const boost::json::value& value);

// Reads the members of one object and keeps the first error, so that a decoder can read everything
// and ask once. A member that is null counts as not given. After an error the readers return
// nothing.
class Fields {
 public:
  // `path` is the object's own: "messages[0]", or empty for the whole body. Both must outlive this.
  explicit Fields(const boost::json::object& object, std::string path = {});

  // Null when not given.
  const boost::json::value* find(std::string_view key) const;

  // Empty when not given, or on an error.
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::optional<double> decimal(std::string_view key, double low, double high);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high);
  const boost::json::array* array(std::string_view key);
  const boost::json::object* object(std::string_view key);

  // A missing one is an error.
  std::string required_text(std::string_view key);
  const boost::json::array* required_array(std::string_view key);  // an empty one is an error, too

  // "messages[0].content" for "content".
  std::string path_of(std::string_view key) const;

  // Records an error unless there is one already.
  void fail(base::Error error);
  void fail_missing(std::string_view key);
  void fail_type(std::string_view key, std::string_view expected, const boost::json::value& value);
  void fail_value(std::string_view key, std::string_view value,
                  std::span<const std::string_view> supported);

  bool ok() const { return !error_; }
  const std::optional<base::Error>& error() const { return error_; }

 private:
  const boost::json::object& object_;
  const std::string path_;
  std::optional<base::Error> error_;
};

// "Invalid type for 'stop': expected a string, but got an integer instead."
base::Error type_error(std::string path, std::string_view expected,
                       const boost::json::value& value);

// Reads a nested object with `read(Fields&)` and hands its error on to `outer`. `path` is the whole
// path of `value`, which must be an object.
template <class Read>
void with_object(Fields& outer, std::string path, const boost::json::value& value, Read&& read) {
  const boost::json::object* object = value.if_object();
  if (object == nullptr) return outer.fail(type_error(std::move(path), "an object", value));
  Fields inner(*object, std::move(path));
  std::forward<Read>(read)(inner);
  if (inner.error()) outer.fail(*inner.error());
}

// The same for the member `key` of `outer`, if it is given.
template <class Read>
void with_member(Fields& outer, std::string_view key, Read&& read) {
  if (const boost::json::value* value = outer.find(key))
    with_object(outer, outer.path_of(key), *value, std::forward<Read>(read));
}

// The number as an integer; 1.0 counts as 1. Empty for everything else.
std::optional<std::int64_t> as_integer(const boost::json::value& value);

std::string_view view(const boost::json::string& text);

}  // namespace shimmy::protocol::json

// Small JSON files of foreign stores.
#pragma once

#include <boost/json/value.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::models {

// Reads at most a megabyte, nested at most 32 deep. Fails as read_text() does, and with
// ModelLoadFailed if it is no JSON.
base::Result<boost::json::value> read_json(const std::filesystem::path& path);

// Null where `value` is no object, lacks the key, or has another kind of value there.
const boost::json::object* object_at(const boost::json::value& value, std::string_view key);
const boost::json::array* array_at(const boost::json::value& value, std::string_view key);

// Empty as above.
std::string string_at(const boost::json::value& value, std::string_view key);

}  // namespace shimmy::models

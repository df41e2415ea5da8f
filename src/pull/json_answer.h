// Reading the JSON that hubs and registries answer with.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pull/access.h"
#include "transfer/http_client.h"

namespace shimmy::pull {

struct JsonAnswer {
  transfer::ResponseHead head;
  boost::json::value body;
};

// Fails as ask() does, and with Io where the answer is no JSON.
base::Result<JsonAnswer> json_answer(const Access& access, const transfer::Request& request,
                                     std::string_view what);

// Members of an object; empty or 0 where there is none of that kind.
std::string text_member(const boost::json::value& object, std::string_view name);
std::uint64_t count_member(const boost::json::value& object, std::string_view name);
const boost::json::array* array_member(const boost::json::value& object, std::string_view name);

// True for 64 hexadecimal digits.
bool is_sha256(std::string_view text);

}  // namespace shimmy::pull

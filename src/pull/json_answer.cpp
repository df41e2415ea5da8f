#include "pull/json_answer.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <utility>

#include "transfer/url.h"

namespace shimmy::pull {

using base::ErrorCode;
using base::Result;

Result<JsonAnswer> json_answer(const Access& access, const transfer::Request& request,
                               std::string_view what) {
  constexpr std::size_t max_bytes = std::size_t{64} << 20;
  auto answer = ask(access, request, max_bytes, what);
  if (!answer) return std::unexpected(std::move(answer).error());
  boost::system::error_code broken;
  boost::json::value body = boost::json::parse(answer->body, broken);
  if (broken) {
    return std::unexpected(base::Error{
        ErrorCode::Io,
        fmt::format("{} did not answer with JSON. Check that it is what it should be: a hub, or a "
                    "registry; a network's login page answers like that, too.",
                    transfer::shown_url(answer->head.url)),
        {},
        {},
        "upstream"});
  }
  return JsonAnswer{std::move(answer->head), std::move(body)};
}

namespace {

const boost::json::value* member(const boost::json::value& object, std::string_view name) {
  const auto* members = object.if_object();
  return members == nullptr ? nullptr : members->if_contains(name);
}

}  // namespace

std::string text_member(const boost::json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  if (value == nullptr || !value->is_string()) return {};
  const auto& text = value->get_string();
  return {text.begin(), text.end()};
}

std::uint64_t count_member(const boost::json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  if (value == nullptr) return 0;
  boost::system::error_code negative;
  const auto count = value->to_number<std::uint64_t>(negative);
  return negative ? 0 : count;
}

const boost::json::array* array_member(const boost::json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  return value == nullptr ? nullptr : value->if_array();
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace shimmy::pull

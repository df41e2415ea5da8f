#include "http/target.h"

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "http/text.h"

namespace shimmy::http {
namespace {

using base::ErrorCode;

base::Result<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || digits.size() != 2 || end != digits.data() + 2) {
      return base::fail(ErrorCode::InvalidRequest,
                        "The path has a \"%\" that is not followed by two hexadecimal digits; "
                        "write \"%25\" for a percent sign.");
    }
    if (value == 0) {
      return base::fail(ErrorCode::InvalidRequest, "The path has an escaped NUL (\"%00\").");
    }
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

std::string folded(std::string_view path) {
  std::string result;
  for (const char letter : path) {
    if (letter != '/' || !result.ends_with('/')) result += letter;
  }
  if (result.size() > 1 && result.ends_with('/')) result.pop_back();
  return result;
}

// What follows "http://host", or the target itself in the usual form.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t path = target.find_first_of("/?");
    return path == std::string_view::npos ? "/" : target.substr(path);
  }
  return target;
}

}  // namespace

base::Result<Target> parse_target(std::string_view target) {
  if (target == "*") return Target{"*", {}};
  const std::string_view rest = without_authority(target);
  const bool had_authority = rest.data() != target.data();
  target = rest;
  if (!target.starts_with('/') && !(had_authority && target.starts_with('?'))) {
    return base::fail(ErrorCode::InvalidRequest,
                      "The request target must be a path that begins with \"/\".");
  }
  const std::size_t mark = target.find('?');
  base::Result<std::string> path = percent_decoded(target.substr(0, mark));
  if (!path) return std::unexpected(std::move(path.error()));
  Target result{folded(*path), {}};
  if (result.path.empty()) result.path = "/";
  if (mark != std::string_view::npos) result.query = target.substr(mark + 1);
  return result;
}

}  // namespace shimmy::http

#include "grammar/string_format.h"

#include <fmt/format.h>

namespace shimmy::grammar {
namespace {

std::string date() {
  // Divisible by 4, and by 400 where divisible by 100.
  return R"((\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|\d{4}-(0[13-9]|1[0-2])-(29|30))"
         R"(|\d{4}-(0[13578]|1[02])-31)"
         R"(|(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29))";
}

std::string time() {
  return R"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+\-]([01]\d|2[0-3]):[0-5]\d))";
}

std::string label() { return R"([a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?)"; }

std::string email() {
  const std::string atom = R"([a-zA-Z0-9!#$%&'*+/=?^_`{|}~\-]+)";
  return fmt::format(R"({0}(\.{0})*@{1}(\.{1})+)", atom, label());
}

std::string uri() {
  const std::string characters = R"([a-zA-Z0-9._~!$&'()*+,;=:@/?\-])";
  return fmt::format(R"([a-zA-Z][a-zA-Z0-9+.\-]*://{0}(\.{0})*(:[1-9]\d{{0,3}})?(/{1}*)?(#{1}*)?)",
                     label(), characters);
}

}  // namespace

std::optional<std::string> format_pattern(std::string_view format) {
  std::string text;
  if (format == "date") text = date();
  if (format == "time") text = time();
  if (format == "date-time") text = date() + "T" + time();
  if (format == "uuid") text = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
  if (format == "email") text = email();
  if (format == "hostname") text = fmt::format(R"({0}(\.{0})*)", label());
  if (format == "ipv4") {
    text = fmt::format(R"({0}(\.{0}){{3}})", R"((25[0-5]|2[0-4]\d|1\d\d|[1-9]\d|\d))");
  }
  if (format == "ipv6") text = "[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4}){7}";
  if (format == "uri") text = uri();
  if (text.empty()) return std::nullopt;
  return '^' + text + '$';
}

}  // namespace shimmy::grammar

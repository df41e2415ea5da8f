#include "grammar/string_format.h"

#include <fmt/format.h>

namespace shimmy::grammar {
namespace {

std::string date() {
  const std::string years = "[0-9]{4}";
  // Divisible by 4, and by 400 where divisible by 100.
  const std::string leap_years =
      R"(([0-9] [0-9] ("0" [48] | [2468] [048] | [13579] [26]) | ([02468] [048] | [13579] [26]) "00"))";
  const std::string day28 = R"(("0" [1-9] | "1" [0-9] | "2" [0-8]))";
  const std::string months30 = R"(("0" [13-9] | "1" [0-2]))";
  const std::string months31 = R"(("0" [13578] | "10" | "12"))";
  return fmt::format(
      R"(({0} "-" ("0" [1-9] | "1" [0-2]) "-" {2} | {0} "-" {3} "-" ("29" | "30") | {0} "-" {4} "-31" | {1} "-02-29"))",
      years, leap_years, day28, months30, months31);
}

std::string time() {
  return R"((([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,9})? ("Z" | [+\-] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])))";
}

std::string uuid() {
  return "([0-9a-fA-F]{8} \"-\" [0-9a-fA-F]{4} \"-\" [0-9a-fA-F]{4} \"-\" [0-9a-fA-F]{4} \"-\" "
         "[0-9a-fA-F]{12})";
}

std::string hostname() {
  const std::string label = R"(([a-zA-Z0-9] ([a-zA-Z0-9\-]{0,30} [a-zA-Z0-9])?))";
  return fmt::format(R"(({0} ("." {0}){{0,5}}))", label);
}

std::string email() {
  const std::string atom = R"([a-zA-Z0-9!#$%&'*+/=?^_`{|}~\-]{1,20})";
  const std::string label = R"(([a-zA-Z0-9] ([a-zA-Z0-9\-]{0,30} [a-zA-Z0-9])?))";
  return fmt::format(R"(({0} ("." {0}){{0,2}} "@" {1} ("." {1}){{1,4}}))", atom, label);
}

std::string ipv4() {
  const std::string part =
      R"(("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9] [0-9] | [0-9]))";
  return fmt::format(R"(({0} "." {0} "." {0} "." {0}))", part);
}

std::string ipv6() { return R"(([0-9a-fA-F]{1,4} (":" [0-9a-fA-F]{1,4}){7}))"; }

std::string uri() {
  return fmt::format(
      R"(([a-zA-Z] [a-zA-Z0-9+.\-]{{0,15}} "://" {} (":" [1-9] [0-9]{{0,3}})? ("/" [a-zA-Z0-9._~!$&'()*+,;=:@\-]*)* ("?" [a-zA-Z0-9._~!$&'()*+,;=:@/?\-]*)? ("#" [a-zA-Z0-9._~!$&'()*+,;=:@/?\-]*)?))",
      hostname());
}

}  // namespace

std::optional<std::string> format_grammar(std::string_view format) {
  if (format == "date") return date();
  if (format == "time") return time();
  if (format == "date-time") return fmt::format("({} \"T\" {})", date(), time());
  if (format == "uuid") return uuid();
  if (format == "email") return email();
  if (format == "hostname") return hostname();
  if (format == "ipv4") return ipv4();
  if (format == "ipv6") return ipv6();
  if (format == "uri") return uri();
  return std::nullopt;
}

}  // namespace shimmy::grammar

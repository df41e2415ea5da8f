// Strings and numbers.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "grammar/json_rules.h"
#include "grammar/number_range.h"
#include "grammar/pattern.h"
#include "grammar/schema_writer.h"
#include "grammar/string_format.h"

namespace shimmy::grammar {
namespace {

namespace json = boost::json;

// Numbers beyond it are never written.
constexpr double kFurthest = 1e15;

// Signs, digits and rests of a decimal number whose rest by `divisor` is 0.
std::string every_multiple(Rules& rules, std::int64_t divisor) {
  std::vector<std::string> names;
  for (std::int64_t rest = 0; rest < divisor; ++rest) names.push_back(rules.reserve());
  std::vector<std::string> starts;
  for (std::int64_t rest = 0; rest < divisor; ++rest) {
    std::vector<std::string> parts;
    if (rest == 0) parts.emplace_back("\"\"");
    for (std::int64_t digit = 0; digit <= 9; ++digit) {
      const auto next = static_cast<std::size_t>((rest * 10 + digit) % divisor);
      parts.push_back(fmt::format("\"{}\" {}", digit, names[next]));
    }
    rules.define(names[static_cast<std::size_t>(rest)], any_of(parts));
  }
  for (std::int64_t digit = 1; digit <= 9; ++digit) {
    starts.push_back(
        fmt::format("\"{}\" {}", digit, names[static_cast<std::size_t>(digit % divisor)]));
  }
  return rules.add(fmt::format("\"0\" | \"-\"? {}", any_of(starts)));
}

}  // namespace

std::string SchemaWriter::string(const Object& schema) {
  const std::optional<std::size_t> least = count(schema, "minLength");
  const std::optional<std::size_t> most = count(schema, "maxLength");
  if (most && least.value_or(0) > *most) return refuse("minLength is above maxLength");
  const auto refuse_beside = [&](std::string_view one) {
    for (const std::string_view other : {"pattern", "minLength", "maxLength"}) {
      if (other == one || !schema.contains(other) || !strict_) continue;
      refuse_keyword(other, fmt::format("cannot be enforced beside {}", one));
    }
  };
  if (const json::string* format = text_of(schema, "format")) {
    if (const auto known = format_pattern(*format)) {
      refuse_beside("format");
      return rules_.add(pattern_grammar(*known, PatternUse::JsonString).value());
    }
    if (strict_) {
      return refuse_keyword("format", fmt::format("has the value {}, which cannot be enforced",
                                                  json::value(*format).as_string().c_str()));
    }
  }
  if (const json::string* pattern = text_of(schema, "pattern")) {
    const auto known = pattern_grammar(*pattern, PatternUse::JsonString);
    if (known) {
      refuse_beside("pattern");
      return rules_.add(*known);
    }
    if (strict_) return refuse_keyword("pattern", "cannot be enforced: " + known.error().message);
  }
  return rules_.add(
      sized_string(rules_, least.value_or(0), most ? static_cast<std::ptrdiff_t>(*most) : -1));
}

std::string SchemaWriter::integer(const Object& schema) {
  double least = -std::numeric_limits<double>::infinity();
  double most = -least;
  if (const auto bound = finite(schema, "minimum")) least = std::ceil(*bound);
  if (const auto bound = finite(schema, "exclusiveMinimum")) {
    least = std::max(least, std::floor(*bound) + 1);
  }
  if (const auto bound = finite(schema, "maximum")) most = std::floor(*bound);
  if (const auto bound = finite(schema, "exclusiveMaximum")) {
    most = std::min(most, std::ceil(*bound) - 1);
  }
  if (least > most) return refuse("no integer lies between its bounds");
  if (least > kFurthest || most < -kFurthest) {
    return refuse(fmt::format("numbers beyond {} cannot be bounded", kFurthest));
  }
  std::optional<std::int64_t> low;
  std::optional<std::int64_t> high;
  if (least >= -kFurthest) low = static_cast<std::int64_t>(least);
  if (most <= kFurthest) high = static_cast<std::int64_t>(most);
  if (schema.contains("multipleOf")) {
    const std::string text = multiples(schema, low, high);
    if (!text.empty()) return text;
  }
  return rules_.add(low || high ? integer_range(low, high) : any_integer());
}

// Empty when the keyword is to be ignored.
std::string SchemaWriter::multiples(const Object& schema, std::optional<std::int64_t> least,
                                    std::optional<std::int64_t> most) {
  constexpr std::int64_t kMaxDivisor = 100;
  constexpr std::int64_t kMaxListed = 1000;
  const std::optional<double> divisor = finite(schema, "multipleOf");
  if (!divisor) return "\"\"";
  if (*divisor <= 0) return refuse_keyword("multipleOf", "must be above 0");
  const bool is_whole = *divisor == std::floor(*divisor) && *divisor < kFurthest;
  const auto step = is_whole ? static_cast<std::int64_t>(*divisor) : 0;
  if (step == 1) return "";
  if (is_whole && !least && !most && step <= kMaxDivisor) return every_multiple(rules_, step);
  if (is_whole && least && most && (*most - *least) / step < kMaxListed) {
    std::vector<std::string> parts;
    const std::int64_t rest = *least % step;
    const std::int64_t first = rest == 0 ? *least : *least - rest + (rest > 0 ? step : 0);
    for (std::int64_t one = first; one <= *most; one += step) {
      parts.push_back(fmt::format("\"{}\"", one));
    }
    if (parts.empty()) return refuse("no multiple lies between its bounds");
    return rules_.add(any_of(parts));
  }
  if (!strict_) return "";
  return refuse_keyword("multipleOf", "cannot be enforced with this value and these bounds");
}

std::string SchemaWriter::number(const Object& schema) {
  if (strict_ && schema.contains("multipleOf")) {
    return refuse_keyword("multipleOf", "cannot be enforced for numbers that are no integers");
  }
  std::optional<NumberBound> least;
  std::optional<NumberBound> most;
  if (const auto bound = finite(schema, "minimum")) least = {*bound, false};
  if (const auto bound = finite(schema, "exclusiveMinimum")) {
    if (!least || *bound >= least->value) least = {*bound, true};
  }
  if (const auto bound = finite(schema, "maximum")) most = {*bound, false};
  if (const auto bound = finite(schema, "exclusiveMaximum")) {
    if (!most || *bound <= most->value) most = {*bound, true};
  }
  if ((least && least->value >= kFurthest) || (most && most->value <= -kFurthest)) {
    return refuse(fmt::format("numbers beyond {} cannot be bounded", kFurthest));
  }
  if (least && least->value <= -kFurthest) least.reset();
  if (most && most->value >= kFurthest) most.reset();
  if (!least && !most) return rules_.add(any_number());
  if (least && most && least->value > most->value) return refuse("minimum is above maximum");
  const std::string text = number_range(least, most);
  return text.empty() ? refuse("no number lies between its bounds") : rules_.add(text);
}

}  // namespace shimmy::grammar

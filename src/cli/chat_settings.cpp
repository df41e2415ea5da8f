#include "cli/chat_settings.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

#include "base/escape.h"
#include "base/near_names.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using base::Result;
using models::ModelDefaults;

struct Parameter {
  std::string_view name;
  std::variant<std::optional<float> ModelDefaults::*, std::optional<std::int32_t> ModelDefaults::*,
               std::optional<std::uint32_t> ModelDefaults::*>
      member;
  double low;
  double high;
};

constexpr double kMost = std::numeric_limits<std::int32_t>::max();

constexpr Parameter kParameters[] = {
    {"temperature", &ModelDefaults::temperature, 0, 2},
    {"top_p", &ModelDefaults::top_p, 0, 1},
    {"top_k", &ModelDefaults::top_k, 0, kMost},
    {"min_p", &ModelDefaults::min_p, 0, 1},
    {"typical_p", &ModelDefaults::typical_p, 0, 1},
    {"repeat_penalty", &ModelDefaults::repeat_penalty, 0.01, 100},
    {"repeat_last_n", &ModelDefaults::penalty_last_n, -1, kMost},
    {"frequency_penalty", &ModelDefaults::frequency_penalty, -2, 2},
    {"presence_penalty", &ModelDefaults::presence_penalty, -2, 2},
    {"max_tokens", &ModelDefaults::max_tokens, -1, kMost},
    {"seed", &ModelDefaults::seed, 0, std::numeric_limits<std::uint32_t>::max()},
};

std::unexpected<base::Error> no_parameter(std::string_view name) {
  std::vector<std::string> names{"stop"};
  for (const Parameter& parameter : kParameters) names.emplace_back(parameter.name);
  const auto near = base::near_names(name, names, 2);
  return base::fail(base::ErrorCode::InvalidRequest, "There is no parameter {}. {}", name,
                    near.empty() ? fmt::format("There are {}.", fmt::join(names, ", "))
                                 : fmt::format("Did you mean {}?", fmt::join(near, " or ")));
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class Number>
Result<void> assign(std::optional<Number>& member, const Parameter& parameter,
                    std::string_view text) {
  if (text.empty()) {
    member.reset();
    return {};
  }
  const auto value = number<Number>(text);
  const double size = value ? static_cast<double>(*value) : std::nan("");
  if (size >= parameter.low && size <= parameter.high) {
    member = value;
    return {};
  }
  return base::fail(base::ErrorCode::InvalidRequest, "{} takes {} from {} to {}, not \"{}\".",
                    parameter.name,
                    std::is_floating_point_v<Number> ? "a number" : "a whole number", parameter.low,
                    parameter.high, text);
}

// Calls `use` with the name and the value of each parameter that is set, stops aside.
void each_set(const ModelDefaults& settings, const auto& use) {
  for (const Parameter& parameter : kParameters) {
    std::visit(
        [&](auto member) {
          if (settings.*member) use(parameter.name, *(settings.*member));
        },
        parameter.member);
  }
}

}  // namespace

Result<void> set_parameter(ModelDefaults& settings, std::string_view name, std::string_view value) {
  if (name == "stop") {
    if (value.empty()) {
      settings.stop.clear();
    } else {
      settings.stop.emplace_back(value);
    }
    return {};
  }
  const auto* const found = std::ranges::find(kParameters, name, &Parameter::name);
  if (found == std::end(kParameters)) return no_parameter(name);
  return std::visit([&](auto member) { return assign(settings.*member, *found, value); },
                    found->member);
}

std::string parameters_text(const ModelDefaults& settings) {
  std::string text;
  each_set(settings, [&](std::string_view name, auto value) {
    text += fmt::format("{:<18} {}\n", name, value);
  });
  for (const std::string& stop : settings.stop) {
    text += fmt::format("{:<18} {}\n", "stop", base::escape_control(stop));
  }
  return text;
}

json::object parameters_json(const ModelDefaults& settings) {
  json::object object;
  each_set(settings, [&](std::string_view name, auto value) { object[name] = value; });
  if (!settings.stop.empty()) object["stop"] = json::value_from(settings.stop);
  return object;
}

Result<ModelDefaults> parameters_from(const json::object& object) {
  ModelDefaults settings;
  const auto set = [&](std::string_view name, const json::value& value) {
    const std::string text = value.is_string()   ? std::string(value.get_string())
                             : value.is_double() ? fmt::format("{}", value.get_double())
                                                 : json::serialize(value);
    return set_parameter(settings, name, text);
  };
  for (const auto& [name, value] : object) {
    if (const json::array* several = value.if_array()) {
      for (const json::value& one : *several) {
        if (auto done = set(name, one); !done) return std::unexpected(std::move(done).error());
      }
    } else if (auto done = set(name, value); !done) {
      return std::unexpected(std::move(done).error());
    }
  }
  return settings;
}

}  // namespace shimmy::cli

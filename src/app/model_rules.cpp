#include "app/model_rules.h"

#include <algorithm>
#include <utility>

#include "base/letter_case.h"

namespace shimmy::app {
namespace {

using models::ModelDefaults;

bool is_among(std::string_view name, const std::vector<std::string>& names) {
  return std::ranges::any_of(
      names, [&](const std::string& other) { return base::equal_ignoring_case(name, other); });
}

bool is_for(const ModelRule& rule, const models::ModelEntry& entry) {
  return base::equal_ignoring_case(rule.name, entry.name) || is_among(rule.name, entry.aliases);
}

template <class Target, class... Members>
void overlay_given(Target& base, const Target& over, Members... members) {
  const auto one = [&](auto member) {
    if (over.*member) base.*member = over.*member;
  };
  (one(members), ...);
}

}  // namespace

void overlay(ModelDefaults& base, const ModelDefaults& over) {
  overlay_given(base, over, &ModelDefaults::temperature, &ModelDefaults::top_p,
                &ModelDefaults::min_p, &ModelDefaults::typical_p, &ModelDefaults::repeat_penalty,
                &ModelDefaults::frequency_penalty, &ModelDefaults::presence_penalty,
                &ModelDefaults::top_k, &ModelDefaults::penalty_last_n, &ModelDefaults::max_tokens,
                &ModelDefaults::seed);
  base.load = merged(over.load, base.load);
  if (!over.chat_template.empty()) base.chat_template = over.chat_template;
  if (!over.system.empty()) base.system = over.system;
  if (!over.stop.empty()) base.stop = over.stop;
}

ModelDefaults ModelRules::defaults_for(const models::ModelEntry& entry) const {
  ModelDefaults result = usual;
  overlay(result, entry.defaults);
  for (const ModelRule& rule : models) {
    if (is_for(rule, entry)) overlay(result, rule.defaults);
  }
  overlay(result, forced);
  return result;
}

void ModelRules::apply_to(models::ModelEntry& entry) const {
  entry.defaults = defaults_for(entry);
  std::vector<std::string> aliases = entry.aliases;
  for (const ModelRule& rule : models) {
    if (is_for(rule, entry))
      aliases.insert(aliases.end(), rule.aliases.begin(), rule.aliases.end());
  }
  std::ranges::sort(aliases);
  entry.aliases = std::move(aliases);
}

std::string_view ModelRules::model_of(std::string_view name) const {
  const auto rule = std::ranges::find_if(
      models, [&](const ModelRule& other) { return is_among(name, other.aliases); });
  return rule == models.end() ? name : rule->name;
}

LiveRules::LiveRules(ModelRules rules)
    : shared_(std::make_shared<Current>(std::make_shared<const ModelRules>(std::move(rules)))) {}

void LiveRules::replace(ModelRules rules) {
  auto made = std::make_shared<const ModelRules>(std::move(rules));
  shared_->with([&](auto& current) { current = std::move(made); });
}

}  // namespace shimmy::app

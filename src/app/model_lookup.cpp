#include "app/model_lookup.h"

#include <utility>

namespace shimmy::app {

ModelLookup::ModelLookup(const ServeOptions& options, models::Environment environment,
                         base::Logger log)
    : environment_(std::move(environment)),
      log_(std::move(log)),
      search_(models::fact_cache_file(environment_)),
      aliases_(models::alias_file(environment_)),
      place_(place_of(options)) {}

ModelLookup::Place ModelLookup::place_of(const ServeOptions& options) const {
  return {models::search_dirs(options.model_dirs, environment_, options.config_dirs),
          {options.disabled_stores.begin(), options.disabled_stores.end()},
          {}};
}

void ModelLookup::add_aliases(const ModelRules& rules) {
  place_.with([&](Place& current) {
    for (const ModelRule& rule : rules.models) {
      for (const std::string& alias : rule.aliases) current.aliases[alias] = rule.name;
    }
  });
}

void ModelLookup::follow(const ServeOptions& options) {
  Place place = place_of(options);
  place_.with([&](Place& current) { current = std::move(place); });
}

models::Catalog ModelLookup::scan() {
  Place place = place_.copy();
  models::ScanOptions options;
  options.stores_left_out = std::move(place.stores_left_out);
  options.aliases = std::move(place.aliases);
  if (auto aliases = aliases_.load()) options.aliases.merge(*aliases);
  else log_.warning("{} {}", aliases.error().message, aliases.error().details);
  return search_.scan(place.dirs, std::move(options));
}

}  // namespace shimmy::app

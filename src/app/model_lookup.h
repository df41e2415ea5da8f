// Looks for the models of this machine as the user has configured it.
#pragma once

#include <vector>

#include "app/options.h"
#include "base/guarded.h"
#include "base/log.h"
#include "models/alias_store.h"
#include "models/catalog.h"
#include "models/model_search.h"

namespace shimmy::app {

// Any thread may call any member.
class ModelLookup {
 public:
  // Where `options` want models to be looked for.
  ModelLookup(const ServeOptions& options, models::Environment environment, base::Logger log);

  // From now on.
  void follow(const ServeOptions& options);

  // For whoever has no LiveRules, which know them, too: the aliases of the configuration.
  void add_aliases(const ModelRules& rules);

  // Reads directories and headers; blocks. Aliases that cannot be read are logged and left out.
  models::Catalog scan();

  std::vector<models::ModelDir> dirs() const { return place_.copy().dirs; }

 private:
  struct Place {
    std::vector<models::ModelDir> dirs;
    std::set<std::string, std::less<>> stores_left_out;
    models::Aliases aliases;  // of the configuration; they come before the file's
  };

  Place place_of(const ServeOptions& options) const;

  const models::Environment environment_;
  const base::Logger log_;
  models::ModelSearch search_;
  const models::AliasStore aliases_;
  base::Guarded<Place> place_;
};

}  // namespace shimmy::app

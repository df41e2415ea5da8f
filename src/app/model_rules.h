// What the user's configuration says of single models and of groups of them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "models/model_defaults.h"
#include "models/model_entry.h"

namespace shimmy::app {

// [model."NAME"] of the configuration file.
struct ModelRule {
  std::string name;  // the catalog's, or one of its aliases; letter case does not matter
  models::ModelDefaults defaults;
  std::vector<std::string> aliases;  // that the user gives it
};

// [group.NAME]: of these models only so many are in memory at once.
struct ModelGroup {
  std::string name;
  std::vector<std::string> models;  // as ModelRule::name
  std::size_t at_most = 1;
};

struct ModelRules {
  models::ModelDefaults usual;  // [defaults]
  std::vector<ModelRule> models;
  std::vector<ModelGroup> groups;
  models::ModelDefaults forced;  // flags and variables, which act on every model

  // What the most particular source says: `usual`, then the model's store, the model's own rule,
  // and `forced`.
  models::ModelDefaults defaults_for(const models::ModelEntry& entry) const;

  // Gives the entry those defaults, and the user's aliases.
  void apply_to(models::ModelEntry& entry) const;

  // The model that the user calls so, else `name` itself.
  std::string_view model_of(std::string_view name) const;
};

// Replaces in `base` what `over` says.
void overlay(models::ModelDefaults& base, const models::ModelDefaults& over);

// The rules as they stand now; copies share them. Any thread.
class LiveRules {
 public:
  explicit LiveRules(ModelRules rules = {});

  std::shared_ptr<const ModelRules> current() const { return shared_->copy(); }
  void replace(ModelRules rules);

 private:
  using Current = base::Guarded<std::shared_ptr<const ModelRules>>;
  std::shared_ptr<Current> shared_;
};

}  // namespace shimmy::app

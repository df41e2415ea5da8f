// Which of a setting's sources counts.
#pragma once

#include <optional>

#include "app/config_document.h"
#include "app/options.h"
#include "base/error.h"
#include "models/model_dirs.h"

namespace shimmy::app {

// What settings are read from; refers to its makers.
struct SettingSources {
  const ConfigSources& given;
  const models::Environment& environment;
  const ConfigDocument& document;
};

// The setting as its flag has it, else its variable, else the file, else without a value. `section`
// is where the file would have it. Fails with InvalidRequest for a bad flag or variable.
base::Result<EffectiveSetting> choose_setting(const SettingRule& rule, const ConfigSection& section,
                                              const SettingSources& sources);

EffectiveSetting effective(const ConfigEntry& entry, const ConfigDocument& document);

}  // namespace shimmy::app

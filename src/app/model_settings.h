// The settings of single models, and of groups of them.
#pragma once

#include <span>

#include "app/model_rules.h"
#include "app/setting.h"

namespace shimmy::app {

// For [defaults], which are also flags, and for [model."NAME"].
std::span<const Setting<models::ModelDefaults>> model_settings();

// For [model."NAME"] alone.
std::span<const Setting<ModelRule>> rule_settings();

std::span<const Setting<ModelGroup>> group_settings();

}  // namespace shimmy::app

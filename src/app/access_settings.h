// The settings of who may use the server, and how much of it.
#pragma once

#include <span>

#include "app/options.h"
#include "app/setting.h"

namespace shimmy::app {

std::span<const Setting<ServeOptions>> access_settings();

}  // namespace shimmy::app

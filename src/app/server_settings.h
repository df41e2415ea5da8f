// The settings of the server as a whole, those of access_settings.h among them.
#pragma once

#include <span>

#include "app/options.h"
#include "app/setting.h"

namespace shimmy::app {

std::span<const Setting<ServeOptions>> server_settings();

}  // namespace shimmy::app

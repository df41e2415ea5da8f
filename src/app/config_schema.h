// The configuration file as a JSON schema: editors complete and check it.
#pragma once

#include <string>

namespace shimmy::app {

std::string config_schema();  // and a newline

}  // namespace shimmy::app

// What everybody may ask for, as often as they like: probes, and "is anybody there?".
#pragma once

#include <string>
#include <vector>

#include "http/message.h"

namespace shimmy::http {

using OpenPaths = std::vector<std::string>;

// Whether `request` reads one of the paths, or only asks what may be asked (OPTIONS).
bool is_open(const OpenPaths& paths, const Request& request);

}  // namespace shimmy::http

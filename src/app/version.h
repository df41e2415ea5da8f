// Which build this is. Nothing here touches libllama.
#pragma once

#include <string>
#include <string_view>

namespace shimmy::app {

std::string_view version();        // "0.1.0"
std::string_view build_type();     // "Release"
std::string_view cpu_target();     // "native" or "avx2"
std::string_view llama_version();  // "v0.5.0 (de3ff815)"
std::string version_line();        // "shimmy 0.1.0 (llama.cpp v0.5.0, native)"

}  // namespace shimmy::app

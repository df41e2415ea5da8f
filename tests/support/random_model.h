// Writes models of any shape with random weights, which compute like real ones: activations neither
// vanish nor explode, and some tokens are much likelier than others.
#pragma once

#include <cstdint>
#include <filesystem>

#include "support/shape_file.h"

namespace shimmy::support {

// 16-bit floats whatever the shape's type says, and a byte-level vocabulary. The same arguments
// give the same bytes; a billion weights take seconds. Not for families with states. Throws
// std::runtime_error.
void write_random_model(const std::filesystem::path& path, Shape shape, std::uint64_t seed = 1);

}  // namespace shimmy::support

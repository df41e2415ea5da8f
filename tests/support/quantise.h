// Makes other weight types of a model file by libllama's own quantisation.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::support {

// The types that quantise() knows: "q4_0", "q4_k_m", "bf16" and so on; "f32" keeps the weights of
// any file exactly.
std::vector<std::string> quantised_types();

enum class Mixture {
  Usual,  // as published files have it: some matrices in better types
  None,   // every matrix in the one type
};

// Uses every core, and logs nothing. Throws std::runtime_error.
void quantise(const std::filesystem::path& model, const std::filesystem::path& to,
              std::string_view type, Mixture mixture);

}  // namespace shimmy::support

// The shortest way from tokens to a pooled vector with libllama: what the embedder is held against.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace shimmy::support {

// Loads the file once, and makes a context of its own for each input. Throws std::runtime_error.
// `pooling` is a number of llama_pooling_type; -1: the file's own.
std::vector<std::vector<float>> reference_embeddings(
    const std::filesystem::path& file, const std::vector<std::vector<std::int32_t>>& inputs,
    int pooling = -1);

// The cosine of the angle between two vectors.
double cosine(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace shimmy::support

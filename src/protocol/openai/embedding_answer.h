// The answer of POST /v1/embeddings.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace shimmy::protocol::openai {

// Writes the answer as the vectors come: add() for each input in order, then finish().
class EmbeddingWriter {
 public:
  // `model` as the client asked for it. `dimensions`: only the first so many values of each vector.
  EmbeddingWriter(std::string_view model, bool is_base64, std::optional<std::size_t> dimensions);

  // Any length: it is scaled to 1; a vector of zeros stays as it is. Requires: finite values.
  void add(std::span<const float> vector);

  // The whole body. `tokens`: of all inputs.
  std::string finish(std::size_t tokens) &&;

 private:
  const std::string tail_;  // from the end of "data" to the value of "usage"
  const bool is_base64_;
  const std::optional<std::size_t> dimensions_;
  std::string body_;
  std::size_t count_ = 0;
};

}  // namespace shimmy::protocol::openai

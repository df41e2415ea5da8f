// The body of POST /v1/embeddings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/openai/completion_request.h"

namespace shimmy::protocol::openai {

struct EmbeddingRequest {
  std::string model;
  std::vector<TextOrTokens> inputs;       // at least one, none of them empty
  bool is_base64 = false;                 // vectors as base64 of little-endian float32
  std::optional<std::size_t> dimensions;  // at least 1: the first so many values of each vector
  std::optional<std::int64_t> keep_alive_seconds;  // -1: for as long as there is room
};

// Every wrong type or value is InvalidRequest and names the field; unknown fields are ignored.
base::Result<EmbeddingRequest> decode_embedding_request(std::string_view body);

// Refuses more dimensions than the model has. Fails with InvalidRequest.
base::Result<void> check_dimensions(const EmbeddingRequest& request, std::size_t model_dimensions);

}  // namespace shimmy::protocol::openai

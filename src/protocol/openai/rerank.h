// POST /v1/rerank, as Jina's and llama.cpp's clients know it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace shimmy::protocol::openai {

struct RerankRequest {
  std::string model;
  std::string query;                               // not empty
  std::vector<std::string> documents;              // at least one
  std::size_t top_n = 0;                           // results to give at most
  bool return_documents = false;                   // each result has its document's text
  std::optional<std::int64_t> keep_alive_seconds;  // -1: for as long as there is room
};

// `documents` are strings or objects with a "text". Every wrong type or value is InvalidRequest and
// names the field; unknown fields are ignored.
base::Result<RerankRequest> decode_rerank_request(std::string_view body);

// The best first; equal ones in the order of the documents. Requires: a finite score for each
// document. `tokens`: of all pairs of the query and a document.
std::string encode_rerank_answer(const RerankRequest& request, const std::vector<float>& scores,
                                 std::size_t tokens);

constexpr std::size_t kMaxDocuments = 2048;

}  // namespace shimmy::protocol::openai

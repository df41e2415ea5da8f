#include "protocol/openai/rerank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "protocol/json/fields.h"
#include "protocol/json/keep_alive.h"
#include "protocol/json/text.h"
#include "protocol/openai/sampling.h"

namespace shimmy::protocol::openai {
namespace {

using json::Fields;

std::string decode_query(Fields& fields) {
  std::string query = fields.required_text("query");
  if (fields.ok() && query.empty()) {
    fields.fail({base::ErrorCode::InvalidRequest,
                 "Invalid 'query': an empty string. Expected the text to compare with.",
                 {},
                 "query",
                 "empty_string"});
  }
  return query;
}

std::optional<std::string> decode_document(Fields& fields, const std::string& path,
                                           const boost::json::value& item) {
  if (const auto* text = item.if_string()) return std::string(json::view(*text));
  const boost::json::object* object = item.if_object();
  if (object == nullptr) {
    fields.fail(json::type_error(path, "a string or an object with a text", item));
    return std::nullopt;
  }
  Fields document(*object, path);
  std::string text = document.required_text("text");
  if (document.error()) fields.fail(*document.error());
  return text;
}

std::vector<std::string> decode_documents(Fields& fields) {
  const boost::json::array* items = fields.required_array("documents");
  if (items == nullptr) return {};
  if (items->size() > kMaxDocuments) {
    fields.fail({base::ErrorCode::InvalidRequest,
                 fmt::format("Invalid 'documents': array too long. Expected an array with maximum "
                             "length {}, but got an array with length {} instead.",
                             kMaxDocuments, items->size()),
                 {},
                 "documents",
                 "array_above_max_length"});
    return {};
  }
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto text = decode_document(fields, fmt::format("documents[{}]", i), (*items)[i]);
    if (!fields.ok()) return {};
    documents.push_back(std::move(*text));
  }
  return documents;
}

}  // namespace

base::Result<RerankRequest> decode_rerank_request(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  RerankRequest request;
  request.model = decode_model(fields);
  request.query = decode_query(fields);
  request.documents = decode_documents(fields);
  const auto top_n = fields.integer("top_n", 1, std::numeric_limits<std::int32_t>::max());
  request.top_n = top_n ? static_cast<std::size_t>(*top_n) : request.documents.size();
  request.return_documents = fields.flag("return_documents").value_or(false);
  request.keep_alive_seconds = json::decode_keep_alive(fields);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

std::string encode_rerank_answer(const RerankRequest& request, const std::vector<float>& scores,
                                 std::size_t tokens) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  order.resize(std::min(order.size(), request.top_n));
  std::string body = fmt::format(
      R"({{"model":{},"object":"list","usage":{{"prompt_tokens":{},"total_tokens":{}}},)"
      R"("results":[)",
      json::quoted(request.model), tokens, tokens);
  std::string_view separator;
  for (const std::size_t index : order) {
    body += fmt::format(R"({}{{"index":{},"relevance_score":{})", separator, index, scores[index]);
    if (request.return_documents)
      body += fmt::format(R"(,"document":{{"text":{}}})", json::quoted(request.documents[index]));
    body += '}';
    separator = ",";
  }
  return body + "]}";
}

}  // namespace shimmy::protocol::openai

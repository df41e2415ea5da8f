#include "protocol/openai/errors.h"

#include <fmt/format.h>

namespace shimmy::protocol::openai {
namespace {

using base::ErrorCode;

struct Mapping {
  int status;
  std::string_view type;
  std::string_view code;  // empty: null
};

constexpr std::string_view kInvalid = "invalid_request_error";
constexpr std::string_view kServer = "server_error";

Mapping mapping_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidRequest: return {400, kInvalid, ""};
    case ErrorCode::ModelNotFound: return {404, kInvalid, "model_not_found"};
    case ErrorCode::ContextOverflow: return {400, kInvalid, "context_length_exceeded"};
    case ErrorCode::Overloaded:
    case ErrorCode::Unavailable: return {503, kServer, "server_overloaded"};
    case ErrorCode::Cancelled: return {499, kInvalid, "cancelled"};
    case ErrorCode::DeadlineExceeded: return {504, kServer, "deadline_exceeded"};
    case ErrorCode::ModelLoadFailed: return {500, kServer, "model_load_failed"};
    case ErrorCode::GenerationFailed: return {500, kServer, "generation_failed"};
    case ErrorCode::Io:
    case ErrorCode::Internal: return {500, kServer, ""};
  }
  return {500, kServer, ""};
}

Mapping mapping_of_status(int status) {
  switch (status) {
    case 401: return {status, kInvalid, "invalid_api_key"};
    case 404: return {status, kInvalid, "unknown_url"};
    case 405: return {status, kInvalid, "method_not_supported"};
    case 413: return {status, kInvalid, "request_too_large"};
    case 429: return {status, "requests", "rate_limit_exceeded"};
    case 503: return {status, kServer, "server_overloaded"};
    default: return {status, status < 500 ? kInvalid : kServer, ""};
  }
}

std::string body_of(const base::Error& error, const Mapping& mapping) {
  return encode_error_body({.message = error.message,
                            .type = mapping.type,
                            .param = error.param,
                            .code = error.reason.empty() ? mapping.code : error.reason,
                            .details = error.details});
}

}  // namespace

ErrorReply encode_error(const base::Error& error) {
  const Mapping mapping = mapping_of(error.code);
  return {.status = mapping.status,
          .retry_after_seconds = base::is_retryable(error.code) ? kRetryAfterSeconds : 0,
          .body = body_of(error, mapping),
          .is_permanent = error.code == ErrorCode::ModelLoadFailed};
}

ErrorReply encode_http_error(int status, std::string_view message, std::string_view code) {
  const Mapping mapping = mapping_of_status(status);
  return {status, status == 429 || status == 503 ? kRetryAfterSeconds : 0,
          encode_error_body({.message = message,
                             .type = mapping.type,
                             .param = {},
                             .code = code.empty() ? mapping.code : code,
                             .details = {}})};
}

std::string encode_stream_error(const base::Error& error) {
  return fmt::format("data: {}\n\n", body_of(error, mapping_of(error.code)));
}

base::Error context_overflow(std::size_t context_tokens, std::size_t prompt_tokens,
                             std::string_view field) {
  return {ErrorCode::ContextOverflow,
          fmt::format("This model's maximum context length is {} tokens. However, your {} resulted "
                      "in {} tokens. Please reduce the length of the {}.",
                      context_tokens, field, prompt_tokens, field),
          {},
          std::string(field)};
}

}  // namespace shimmy::protocol::openai

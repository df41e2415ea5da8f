#include "protocol/native/errors.h"

namespace shimmy::protocol::native {
namespace {

using base::ErrorCode;

struct Mapping {
  int status;
  std::string_view code;
};

constexpr std::string_view kInvalid = "invalid_request";
constexpr std::string_view kServer = "server_error";

Mapping mapping_of(const base::Error& error) {
  // What another server says to a pull.
  if (error.reason == "forbidden") return {403, kInvalid};
  if (error.reason == "upstream") return {502, kServer};
  switch (error.code) {
    case ErrorCode::InvalidRequest:
    case ErrorCode::ContextOverflow: return {400, kInvalid};
    case ErrorCode::ModelNotFound: return {404, "model_not_found"};
    case ErrorCode::Overloaded:
    case ErrorCode::Unavailable: return {503, kServer};
    case ErrorCode::Cancelled: return {499, kInvalid};
    case ErrorCode::DeadlineExceeded: return {504, "generation_failed"};
    case ErrorCode::GenerationFailed: return {500, "generation_failed"};
    case ErrorCode::ModelLoadFailed:
    case ErrorCode::Io:
    case ErrorCode::Internal: return {500, kServer};
  }
  return {500, kServer};
}

// Names of models come in paths as well as in bodies.
std::string_view param_of(const base::Error& error) {
  const bool is_name = error.code == ErrorCode::ModelNotFound || error.reason == "forbidden";
  return error.param.empty() && is_name ? std::string_view("model") : error.param;
}

// The native envelope promises details as text: where there is no more to say, the message.
std::string body_of(const Mapping& mapping, std::string_view message, std::string_view param,
                    std::string_view details) {
  return encode_error_body({.message = message,
                            .type = mapping.status < 500 ? "invalid_request_error" : "server_error",
                            .param = param,
                            .code = mapping.code,
                            .details = details.empty() ? message : details});
}

}  // namespace

ErrorReply encode_error(const base::Error& error) {
  const Mapping mapping = mapping_of(error);
  return {.status = mapping.status,
          .retry_after_seconds = base::is_retryable(error.code) ? kRetryAfterSeconds : 0,
          .body = body_of(mapping, error.message, param_of(error), error.details),
          .is_permanent = error.code == ErrorCode::ModelLoadFailed};
}

ErrorReply encode_http_error(int status, std::string_view message) {
  Mapping mapping{status, status < 500 ? kInvalid : kServer};
  if (status == 401) mapping.code = "invalid_api_key";
  if (status == 429) mapping.code = "rate_limit_exceeded";
  return {status, status == 429 || status == 503 ? kRetryAfterSeconds : 0,
          body_of(mapping, message, {}, {})};
}

}  // namespace shimmy::protocol::native

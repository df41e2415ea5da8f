#include "base/error.h"

namespace shimmy::base {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidRequest: return "invalid_request";
    case ErrorCode::ModelNotFound: return "model_not_found";
    case ErrorCode::ContextOverflow: return "context_length_exceeded";
    case ErrorCode::Overloaded: return "overloaded";
    case ErrorCode::Unavailable: return "unavailable";
    case ErrorCode::Cancelled: return "cancelled";
    case ErrorCode::DeadlineExceeded: return "deadline_exceeded";
    case ErrorCode::ModelLoadFailed: return "model_load_failed";
    case ErrorCode::GenerationFailed: return "generation_failed";
    case ErrorCode::Io: return "io_error";
    case ErrorCode::Internal: return "internal_error";
  }
  return "internal_error";
}

bool is_retryable(ErrorCode code) {
  return code == ErrorCode::Overloaded || code == ErrorCode::Unavailable;
}

}  // namespace shimmy::base

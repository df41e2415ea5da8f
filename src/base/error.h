// The one error value of the project and the Result that carries it.
#pragma once

#include <fmt/core.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace shimmy::base {

// What kind of failure it was, without a word about any protocol: each dialect maps these to its
// own statuses and codes in one place.
enum class ErrorCode {
  InvalidRequest,    // the caller's input is wrong; repeating it cannot help
  ModelNotFound,     // no model of that name
  ContextOverflow,   // the prompt can never fit the context
  Overloaded,        // a queue is full; repeat later
  Unavailable,       // starting, draining or stopped; repeat later or elsewhere
  Cancelled,         // the caller went away
  DeadlineExceeded,  // the request's own deadline passed
  ModelLoadFailed,   // the model is known but cannot be loaded
  GenerationFailed,  // the model could not go on with this request
  Io,                // a file or socket could not be used
  Internal,          // a bug
};

// "invalid_request", "model_not_found", …: the word for logs and JSON.
std::string_view name(ErrorCode code);

// True where the same request may succeed later without a change.
bool is_retryable(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;  // a sentence for the user: what was wrong, what was expected, what to do
  std::string details;  // further facts; empty when the message says it all
  std::string
      param;  // path of the field at fault, as "messages[0].content"; empty when there is none
  std::string reason =
      {};  // a finer word than the code for programs ("invalid_type"); may be empty
};

template <class T>
using Result = std::expected<T, Error>;

// A failed Result: return fail(ErrorCode::Io, "cannot read {}", path);
template <class... Args>
std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...), {}, {}});
}

// The same, naming the field at fault.
template <class... Args>
std::unexpected<Error> fail_field(std::string param, fmt::format_string<Args...> format,
                                  Args&&... args) {
  return std::unexpected(Error{ErrorCode::InvalidRequest,
                               fmt::format(format, std::forward<Args>(args)...),
                               {},
                               std::move(param)});
}

}  // namespace shimmy::base

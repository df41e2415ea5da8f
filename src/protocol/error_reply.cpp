#include "protocol/error_reply.h"

#include <fmt/format.h>

#include "protocol/json/text.h"

namespace shimmy::protocol {

std::string encode_error_body(const ErrorFields& fields) {
  return fmt::format(R"({{"error":{{"message":{},"type":{},"param":{},"code":{},"details":{}}}}})",
                     json::quoted(fields.message), json::quoted(fields.type),
                     json::quoted_or_null(fields.param), json::quoted_or_null(fields.code),
                     json::quoted_or_null(fields.details));
}

}  // namespace shimmy::protocol

// Fields that would change the answer but that shimmy cannot honour yet: refused, not dropped.
// Includes Boost.JSON: only for .cpp files of protocol/.
#pragma once

#include "protocol/json/fields.h"

namespace shimmy::protocol::openai {

// The first such field of a chat request becomes the error of `fields`.
void refuse_unsupported(json::Fields& fields);

// "'tools' is not supported yet …" with the code unsupported_parameter, or a better one.
base::Error unsupported(std::string path, std::string_view what,
                        std::string_view code = "unsupported_parameter");

}  // namespace shimmy::protocol::openai

#include "protocol/json/text.h"

#include "base/escape.h"
#include "generation/utf8_assembler.h"

namespace shimmy::protocol::json {

std::string quoted(std::string_view text) {
  generation::Utf8Assembler assembler;
  std::string clean = assembler.push(text);
  clean += assembler.flush();
  return base::json_quoted(clean);
}

std::string quoted_or_null(std::string_view text) { return text.empty() ? "null" : quoted(text); }

}  // namespace shimmy::protocol::json

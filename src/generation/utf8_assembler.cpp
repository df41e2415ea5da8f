#include "generation/utf8_assembler.h"

#include <utility>

#include "base/utf8.h"

namespace shimmy::generation {

std::string Utf8Assembler::push(std::string_view bytes) {
  const std::string all = std::exchange(tail_, {}).append(bytes);
  std::string out;
  out.reserve(all.size());
  for (std::string_view rest = all; !rest.empty();) {
    const base::Utf8Part part = base::first_utf8(rest);
    if (part.kind == base::Utf8::Cut) {
      tail_ = rest;
      break;
    }
    out +=
        part.kind == base::Utf8::Whole ? rest.substr(0, part.bytes) : base::kReplacementCharacter;
    rest.remove_prefix(part.bytes);
  }
  return out;
}

std::string Utf8Assembler::flush() {
  if (std::exchange(tail_, {}).empty()) return {};
  return std::string(base::kReplacementCharacter);
}

}  // namespace shimmy::generation

#include "generation/event.h"

namespace shimmy::generation {

std::string_view name(FinishReason reason) {
  switch (reason) {
    case FinishReason::Stop: return "stop";
    case FinishReason::Length: return "length";
  }
  return "stop";
}

}  // namespace shimmy::generation

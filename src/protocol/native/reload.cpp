#include "protocol/native/reload.h"

#include <fmt/format.h>

#include "protocol/json/text.h"

namespace shimmy::protocol::native {

std::string encode_reload(const ReloadCard& card) {
  const std::size_t changed = card.changed.size();
  const std::string message = changed == 0 ? "Nothing has changed that acts while the server runs."
                                           : fmt::format("{} setting{} changed.", changed,
                                                         changed == 1 ? " has" : "s have");
  return fmt::format(R"({{"message":{},"status":"success","changed":[{}],"needs_restart":[{}]}})",
                     json::quoted(message), json::quoted_list(card.changed),
                     json::quoted_list(card.needs_restart));
}

}  // namespace shimmy::protocol::native

#include "pull/access.h"

#include <utility>

#include "pull/http_status.h"

namespace shimmy::pull {

base::Result<transfer::Answer> ask(const Access& access, const transfer::Request& request,
                                   std::size_t max_bytes, std::string_view what) {
  return access.patiently([&]() -> std::expected<transfer::Answer, Trouble> {
    auto answer = transfer::ask(access.client, request, max_bytes, access.stop);
    if (!answer) return std::unexpected(Trouble{std::move(answer).error()});
    if (answer->head.status < 300) return std::move(*answer);
    return std::unexpected(Trouble{status_error(answer->head, what), retry_after(answer->head)});
  });
}

}  // namespace shimmy::pull

#include "transfer/http_client.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "transfer/url.h"

namespace shimmy::transfer {

std::string_view header_value(const std::vector<Header>& headers, std::string_view name) {
  const auto found = std::ranges::find_if(
      headers, [&](const Header& header) { return equal_ignoring_case(header.name, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::optional<std::uint64_t> ResponseHead::content_length() const {
  const std::string_view text = header("content-length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return length;
}

base::Result<Answer> ask(HttpClient& client, const Request& request, std::size_t max_bytes,
                         std::stop_token stop) {
  std::string body;
  const auto collect = [&](std::string_view bytes) -> base::Result<void> {
    if (bytes.size() > max_bytes - body.size()) {
      return base::fail(base::ErrorCode::Io,
                        "The answer of {} is larger than the {} bytes expected.",
                        shown_url(request.url), max_bytes);
    }
    body += bytes;
    return {};
  };
  auto head = client.send(request, {.body = collect}, std::move(stop));
  if (!head) return std::unexpected(std::move(head).error());
  return Answer{std::move(*head), std::move(body)};
}

}  // namespace shimmy::transfer

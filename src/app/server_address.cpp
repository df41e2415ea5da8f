#include "app/server_address.h"

#include "app/bind_address.h"
#include "transfer/url.h"

namespace shimmy::app {
namespace {

base::Result<ServerAddress> from_url(const std::string& text) {
  const auto url = transfer::parse_url(text);
  if (!url) return std::unexpected(url.error());
  std::string base = url->origin();
  if (url->path != "/") base += url->path;
  while (base.ends_with('/')) base.pop_back();
  // Clients of OpenAI's API are given the address with its /v1; it means the same server.
  if (base.ends_with("/v1")) base.resize(base.size() - 3);
  return ServerAddress{base, {}, base, true};
}

base::Result<ServerAddress> from_bind(const std::string& text) {
  const auto bind = parse_bind_address(text);
  if (!bind) return std::unexpected(bind.error());
  return ServerAddress{base_url(*bind), bind->unix_path, to_string(*bind), true};
}

}  // namespace

base::Result<ServerAddress> server_address(std::string_view given, const Environment& environment) {
  std::string text(given);
  if (text.empty()) text = environment("SHIMMY_HOST").value_or("");
  const bool was_named = !text.empty();
  if (text.empty()) text = environment("SHIMMY_BIND").value_or("");
  if (text.empty()) text = "auto";
  auto address = text.starts_with("http://") || text.starts_with("https://") ? from_url(text)
                                                                             : from_bind(text);
  if (address) address->was_named = was_named;
  return address;
}

}  // namespace shimmy::app

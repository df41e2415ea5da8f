// Which web pages and desktop applications may use the server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace shimmy::http {

// Immutable; any thread.
class AllowedOrigins {
 public:
  // `also`: further origins as "https://app.example:8443". A "*" in one stands for any letters but
  // "/" ("https://*.example"), and alone for every origin.
  explicit AllowedOrigins(std::vector<std::string> also) : also_(std::move(also)) {}

  // Pages on loopback addresses, the schemes of desktop applications, the server's own pages
  // (those on the host that `host_header` names), and the further ones.
  bool allow(std::string_view origin, std::string_view host_header) const;

 private:
  std::vector<std::string> also_;
};

}  // namespace shimmy::http

// Addresses of http and https, taken apart strictly: what is doubtful is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/letter_case.h"

namespace shimmy::transfer {

struct Url {
  std::string scheme;     // "http" or "https"
  std::string user_info;  // "name:password", as written; usually empty
  std::string host;       // lower case; an IPv6 address in its brackets
  std::uint16_t port = 0;
  std::string path;   // starts with "/"
  std::string query;  // with its "?"; empty: none

  // "https://host", with the port where it is not the usual one.
  std::string origin() const;
  // The whole address, without a fragment.
  std::string text() const;
};

// Fails with InvalidRequest.
base::Result<Url> parse_url(std::string_view text);

// What `reference` (an address, or a part of one, as in a Location header) means on the page
// `base`.
base::Result<Url> resolve(const Url& base, std::string_view reference);

// For messages: without user, password, query and fragment, which may be secrets.
std::string shown_url(std::string_view text);

// Everything but letters, digits, "-._~" and the characters of `also` as %XX.
std::string percent_encoded(std::string_view text, std::string_view also = {});

// True for "localhost", names below it and loopback addresses.
bool is_loopback(std::string_view host);

using base::equal_ignoring_case;  // of schemes, hosts and names of headers

}  // namespace shimmy::transfer

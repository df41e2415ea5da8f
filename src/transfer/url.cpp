#include "transfer/url.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace shimmy::transfer {
namespace {

using base::fail;
using base::lower;
using base::lowered;
using base::Result;

constexpr auto kInvalid = base::ErrorCode::InvalidRequest;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

// Spaces, control characters and backslashes: parsers disagree about them, so none is let through.
bool is_doubtful(char c) { return c <= ' ' || c == 0x7f || c == '\\'; }

std::uint16_t usual_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 3) {
    host = host.substr(1, host.size() - 2);
    return std::ranges::all_of(host,
                               [](char c) { return is_alphanumeric(c) || c == ':' || c == '.'; });
  }
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
  });
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return {};
  return port;
}

// "user@host:port" into `url`; false when it is none.
bool read_authority(std::string_view authority, Url& url) {
  if (const std::size_t at = authority.find('@'); at != std::string_view::npos) {
    url.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  url.port = usual_port(url.scheme);
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    const auto port = port_number(authority.substr(colon + 1));
    if (!port) return false;
    url.port = *port;
    authority = authority.substr(0, colon);
  }
  url.host = lowered(authority);
  return is_host(url.host);
}

void read_path(std::string_view rest, Url& url) {
  rest = rest.substr(0, rest.find('#'));
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  url.path = rest.substr(0, mark);
  url.query = rest.substr(mark);
  if (!url.path.starts_with('/')) url.path.insert(0, 1, '/');
}

// RFC 3986 §5.2.4.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_directory = false;
  while (!path.empty()) {
    path.remove_prefix(1);  // each segment comes behind its "/"
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    ends_in_directory = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!ends_in_directory) kept.push_back(segment);
  }
  std::string out;
  for (const std::string_view segment : kept) (out += '/') += segment;
  if (ends_in_directory || out.empty()) out += '/';
  return out;
}

}  // namespace

std::string Url::origin() const {
  if (port == usual_port(scheme)) return fmt::format("{}://{}", scheme, host);
  return fmt::format("{}://{}:{}", scheme, host, port);
}

std::string Url::text() const {
  const std::string whole = origin();
  const std::size_t host_begin = scheme.size() + 3;
  const std::string user = user_info.empty() ? "" : user_info + '@';
  return whole.substr(0, host_begin) + user + whole.substr(host_begin) + path + query;
}

Result<Url> parse_url(std::string_view text) {
  if (std::ranges::any_of(text, is_doubtful)) {
    return fail(kInvalid,
                "\"{}\" is no address: spaces, backslashes and control characters must be "
                "written as %20 and the like.",
                shown_url(text));
  }
  const std::size_t colon = text.find("://");
  Url url;
  url.scheme = colon == std::string_view::npos ? "" : lowered(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail(kInvalid,
                "\"{}\" is no address that can be fetched: it must begin with https:// or "
                "http://.",
                shown_url(text));
  }
  const std::string_view rest = text.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  if (!read_authority(rest.substr(0, end), url)) {
    return fail(kInvalid, "\"{}\" is no address: its host or port cannot be read.",
                shown_url(text));
  }
  read_path(rest.substr(end), url);
  return url;
}

Result<Url> resolve(const Url& base, std::string_view reference) {
  const std::size_t colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?#")) {
    return parse_url(reference);
  }
  if (reference.starts_with("//")) return parse_url(base.scheme + ':' + std::string(reference));
  if (std::ranges::any_of(reference, is_doubtful)) {
    return fail(kInvalid, "\"{}\" is no address.", shown_url(reference));
  }
  Url url = base;
  url.user_info.clear();
  if (reference.starts_with('/')) {
    read_path(reference, url);
  } else if (reference.starts_with('?') || reference.starts_with('#') || reference.empty()) {
    read_path(base.path + (reference.starts_with('?') ? "" : base.query) + std::string(reference),
              url);
  } else {
    read_path(base.path.substr(0, base.path.rfind('/') + 1) + std::string(reference), url);
  }
  url.path = without_dots(url.path);
  return url;
}

std::string shown_url(std::string_view text) {
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::string(text);
  const std::size_t host = scheme + 3;
  const std::size_t end = std::min(text.find('/', host), text.size());
  const std::size_t at = text.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < host) return std::string(text);
  return std::string(text.substr(0, host)) + std::string(text.substr(at + 1));
}

std::string percent_encoded(std::string_view text, std::string_view also) {
  std::string out;
  for (const char c : text) {
    const bool is_plain =
        is_alphanumeric(c) || std::string_view("-._~").find(c) != std::string_view::npos;
    if (is_plain || also.find(c) != std::string_view::npos) out += c;
    else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]") return true;
  return host.starts_with("127.") &&
         std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace shimmy::transfer

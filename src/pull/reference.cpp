#include "pull/reference.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "pull/file_names.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::fail;
using base::Result;
using Segments = std::vector<std::string_view>;

constexpr auto kInvalid = base::ErrorCode::InvalidRequest;
constexpr std::string_view kExpected =
    "Expected org/repo[:quant] of the hub, name[:tag] of Ollama's registry, or https://….gguf.";

// The names that users type for the two places; where requests really go is configured.
constexpr std::array<std::string_view, 3> kHubNames{"hf.co", "huggingface.co",
                                                    "www.huggingface.co"};
constexpr std::array<std::string_view, 3> kRegistryNames{"ollama.com", "registry.ollama.ai",
                                                         "www.ollama.com"};

bool is_one_of(std::string_view host, std::span<const std::string_view> names) {
  return std::ranges::any_of(
      names, [&](std::string_view name) { return transfer::equal_ignoring_case(name, host); });
}

Segments segments_of(std::string_view text) {
  Segments segments;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('/'), text.size());
    if (end > 0) segments.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return segments;
}

std::string joined(std::span<const std::string_view> segments) {
  std::string text;
  for (const std::string_view segment : segments) {
    if (!text.empty()) text += '/';
    text += segment;
  }
  return text;
}

// "name:tag": takes the tag off the name. Empty where there is none.
std::string take_tag(std::string_view& name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::string tag(name.substr(colon + 1));
  name = name.substr(0, colon);
  return tag;
}

Result<Reference> checked(Reference reference, std::string_view text) {
  for (const std::string_view part : segments_of(reference.repository)) {
    if (!is_safe_name(part))
      return fail(kInvalid, "\"{}\" names no model: \"{}\" cannot be a name. {}", text, part,
                  kExpected);
  }
  for (const std::string_view part : segments_of(reference.wanted)) {
    if (!is_safe_name(part))
      return fail(kInvalid, "\"{}\" names no model: \"{}\" cannot be a tag. {}", text, part,
                  kExpected);
  }
  return reference;
}

Result<Reference> hub_reference(Segments segments, std::string_view text) {
  if (segments.size() < 2)
    return fail(kInvalid, "\"{}\" names no repository of the hub. {}", text, kExpected);
  Reference reference;
  if (segments.size() == 2) reference.wanted = take_tag(segments[1]);
  reference.repository = joined(std::span(segments).first(2));
  std::span<const std::string_view> rest = std::span(segments).subspan(2);
  const bool has_revision =
      rest.size() >= 2 && (rest[0] == "resolve" || rest[0] == "blob" || rest[0] == "tree");
  if (has_revision) {
    reference.revision = rest[1];
    rest = rest.subspan(2);
  }
  if (!rest.empty()) reference.wanted = joined(rest);
  if (!is_safe_name(reference.revision))
    return fail(kInvalid, "\"{}\" names no revision of a repository.", text);
  return checked(std::move(reference), text);
}

Result<Reference> registry_reference(std::string_view host, Segments segments,
                                     std::string_view text) {
  Reference reference;
  reference.kind = ReferenceKind::Registry;
  reference.host = host;
  if (segments.empty() || segments.size() > 2)
    return fail(kInvalid, "\"{}\" names no model of a registry. {}", text, kExpected);
  reference.wanted = take_tag(segments.back());
  if (reference.wanted.empty()) reference.wanted = "latest";
  reference.repository = (segments.size() == 1 ? "library/" : "") + joined(segments);
  return checked(std::move(reference), text);
}

Result<Reference> address(std::string_view text) {
  const auto url = transfer::parse_url(text);
  if (!url) return std::unexpected(url.error());
  if (is_one_of(url->host, kHubNames)) return hub_reference(segments_of(url->path), text);
  if (is_one_of(url->host, kRegistryNames))
    return registry_reference({}, segments_of(url->path), text);
  if (!has_gguf_extension(url->path)) {
    return fail(kInvalid, "\"{}\" is the address of no .gguf file. {}", transfer::shown_url(text),
                kExpected);
  }
  Reference reference;
  reference.kind = ReferenceKind::Address;
  reference.url = url->text();
  return reference;
}

}  // namespace

Result<Reference> parse_reference(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return address(text);
  Segments segments = segments_of(text);
  if (segments.empty() || text.starts_with('/') || text.starts_with('.') || text.ends_with('/') ||
      text.ends_with(':')) {
    return fail(kInvalid, "\"{}\" names no model that can be pulled. {}", text, kExpected);
  }
  if (segments.size() == 1) return registry_reference({}, std::move(segments), text);
  const std::string_view first = segments.front();
  const Segments rest(segments.begin() + 1, segments.end());
  if (is_one_of(first, kHubNames)) return hub_reference(rest, text);
  if (is_one_of(first, kRegistryNames)) return registry_reference({}, rest, text);
  // Names of organisations have no port, and three parts with a dot in front are no file of a
  // repository.
  const bool is_host = first.find(':') != std::string_view::npos || first == "localhost" ||
                       (segments.size() == 3 && first.find('.') != std::string_view::npos &&
                        !has_gguf_extension(segments.back()));
  if (is_host) return registry_reference(first, rest, text);
  return hub_reference(std::move(segments), text);
}

std::string text_of(const Reference& reference) {
  if (reference.kind == ReferenceKind::Address) return transfer::shown_url(reference.url);
  std::string name = reference.host.empty() ? "" : reference.host + '/';
  name += reference.repository;
  if (reference.kind == ReferenceKind::Registry && reference.host.empty() &&
      name.starts_with("library/")) {
    name.erase(0, std::string_view("library/").size());
  }
  if (reference.wanted.empty()) return name;
  const bool is_file = reference.kind == ReferenceKind::Hub && has_gguf_extension(reference.wanted);
  return name + (is_file ? '/' : ':') + reference.wanted;
}

}  // namespace shimmy::pull

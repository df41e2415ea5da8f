#include "pull/hub.h"

#include <fmt/core.h>

#include <utility>

#include "pull/file_names.h"
#include "pull/json_answer.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using base::Result;
using transfer::percent_encoded;

void append_files(const boost::json::value& page, std::vector<RemoteFile>& files) {
  const auto* entries = page.if_array();
  if (entries == nullptr) return;
  for (const boost::json::value& entry : *entries) {
    RemoteFile file{text_member(entry, "path"), count_member(entry, "size"), {}};
    if (!has_gguf_extension(file.path)) continue;
    if (const auto* lfs = entry.as_object().if_contains("lfs")) {
      if (std::string sha256 = text_member(*lfs, "oid"); is_sha256(sha256)) file.sha256 = sha256;
      if (const auto bytes = count_member(*lfs, "size"); bytes > 0) file.bytes = bytes;
    }
    files.push_back(std::move(file));
  }
}

// The address of `<address>; rel="next"` in a Link header; empty: this was the last page.
std::string next_page(const transfer::ResponseHead& head) {
  const std::string_view link = head.header("link");
  const std::size_t begin = link.find('<');
  const std::size_t end = link.find('>');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  if (link.find("rel=\"next\"", end) == std::string_view::npos) return {};
  return std::string(link.substr(begin + 1, end - begin - 1));
}

// The token goes along, so the next page must be where this one was.
Result<std::string> same_origin(const std::string& url, const std::string& next) {
  const auto from = transfer::parse_url(url);
  if (!from) return std::unexpected(from.error());
  const auto to = transfer::resolve(*from, next);
  if (!to) return std::unexpected(to.error());
  if (to->origin() != from->origin()) {
    return base::fail(ErrorCode::Io,
                      "The hub at {} sends for the next page of a list to {}, which "
                      "is not followed.",
                      from->origin(), to->origin());
  }
  return to->text();
}

}  // namespace

std::vector<transfer::Header> hub_headers(const Endpoints& endpoints) {
  if (endpoints.hub_token.empty()) return {};
  return {{"Authorization", "Bearer " + endpoints.hub_token}};
}

Result<std::vector<RemoteFile>> hub_files(const Access& access, const Reference& reference) {
  constexpr int max_pages = 100;
  transfer::Request request;
  request.url = fmt::format("{}/api/models/{}/tree/{}?recursive=true", access.endpoints.hub,
                            reference.repository, reference.revision);
  request.headers = hub_headers(access.endpoints);
  std::vector<RemoteFile> files;
  for (int page = 0; page < max_pages; ++page) {
    const auto answer = json_answer(access, request, reference.repository);
    if (!answer) return std::unexpected(answer.error());
    append_files(answer->body, files);
    const std::string next = next_page(answer->head);
    if (next.empty()) break;
    auto url = same_origin(request.url, next);
    if (!url) return std::unexpected(std::move(url).error());
    request.url = std::move(*url);
  }
  if (files.empty()) {
    return base::fail(
        ErrorCode::ModelNotFound,
        "{} has no .gguf files. Look for a repository of the same model whose name ends "
        "in -GGUF.",
        reference.repository);
  }
  return files;
}

std::string hub_url(const Endpoints& endpoints, const Reference& reference, std::string_view path) {
  return fmt::format("{}/{}/resolve/{}/{}", endpoints.hub, reference.repository, reference.revision,
                     percent_encoded(path, "/"));
}

}  // namespace shimmy::pull

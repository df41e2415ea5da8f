#include "pull/remote_facts.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "pull/http_status.h"
#include "pull/json_answer.h"

namespace shimmy::pull {
namespace {

using base::Result;

std::string_view without_quotes(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

// The hub tells what the file is in the answer that leads to where it is.
bool read_linked(const transfer::ResponseHead& head, RemoteFacts& facts) {
  const std::string_view etag = without_quotes(head.header("x-linked-etag"));
  if (is_sha256(etag)) facts.sha256 = etag;
  const std::string_view size = head.header("x-linked-size");
  std::from_chars(size.data(), size.data() + size.size(), facts.bytes);
  return facts.bytes > 0;
}

using Facts = std::expected<RemoteFacts, Trouble>;

Facts facts_of(const transfer::ResponseHead& head, std::string_view what) {
  RemoteFacts facts;
  for (const transfer::ResponseHead& redirect : head.redirects) {
    if (read_linked(redirect, facts)) return facts;
  }
  if (read_linked(head, facts)) return facts;
  base::Error error = status_error(head, what);
  const bool is_final = head.status == 401 || head.status == 404 || head.status == 410;
  if (is_final || may_pass(error)) {
    return std::unexpected(Trouble{std::move(error), retry_after(head)});
  }
  if (head.status == 200) facts.bytes = head.content_length().value_or(0);
  return facts;
}

}  // namespace

Result<RemoteFacts> remote_facts(const Access& access, const std::string& url,
                                 const std::vector<transfer::Header>& headers,
                                 std::string_view what) {
  transfer::Request request;
  request.method = "HEAD";
  request.url = url;
  request.headers = headers;
  return access.patiently([&]() -> Facts {
    auto head = access.client.send(request, {}, access.stop);
    if (!head) return std::unexpected(Trouble{std::move(head).error()});
    return facts_of(*head, what);
  });
}

}  // namespace shimmy::pull

#include "app/server_client.h"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "transfer/lines.h"
#include "transfer/url.h"

namespace shimmy::app {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Result;

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

ErrorCode code_of(int status) {
  switch (status) {
    case 400:
    case 401:
    case 403:
    case 405:
    case 413:
    case 422: return ErrorCode::InvalidRequest;
    case 404: return ErrorCode::ModelNotFound;
    case 429: return ErrorCode::Overloaded;
    case 503: return ErrorCode::Unavailable;
    case 504: return ErrorCode::DeadlineExceeded;
    default: return ErrorCode::Internal;
  }
}

// The message of an error body in any of the server's dialects; empty where it is none.
std::string message_of(std::string_view body) {
  boost::system::error_code failed;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), failed);
  const json::object* object = failed ? nullptr : value.if_object();
  const json::value* error = object != nullptr ? object->if_contains("error") : nullptr;
  if (error == nullptr) return {};
  if (error->is_string()) return std::string(error->get_string());
  const json::value* message =
      error->is_object() ? error->get_object().if_contains("message") : nullptr;
  return message != nullptr && message->is_string() ? std::string(message->get_string()) : "";
}

Error refusal(int status, std::string_view body, const std::string& shown) {
  std::string message = message_of(body);
  if (message.empty()) {
    message = fmt::format("The server at {} answered with status {}: is it shimmy?", shown, status);
  }
  if (status == 401) message += " Set SHIMMY_API_KEY to a key of the server.";
  return {code_of(status), std::move(message), {}, {}};
}

}  // namespace

ServerClient::ServerClient(ServerAddress address, std::string api_key,
                           std::shared_ptr<transfer::HttpClient> http)
    : address_(std::move(address)), api_key_(std::move(api_key)), http_(std::move(http)) {}

transfer::Request ServerClient::request(std::string method, const std::string& path,
                                        std::string json) const {
  transfer::Request request;
  request.method = std::move(method);
  request.url = address_.url + path;
  request.unix_socket = address_.unix_path;
  request.max_redirects = 0;
  request.timeouts.connect = std::chrono::seconds(5);
  request.timeouts.stall = std::chrono::milliseconds(0);  // a model may think for long
  if (!api_key_.empty()) request.headers.push_back({"Authorization", "Bearer " + api_key_});
  if (!json.empty()) request.headers.push_back({"Content-Type", "application/json"});
  request.body = std::move(json);
  return request;
}

Error ServerClient::explained(Error error) const {
  if (error.reason == "connect") {
    error.message =
        fmt::format("No server is running at {}. Start one with: shimmy serve", address_.shown);
    error.details.clear();
  }
  return error;
}

Result<std::string> ServerClient::ask(const transfer::Request& request,
                                      const std::stop_token& stop) {
  auto answer = transfer::ask(*http_, request, kMostBytes, stop);
  if (!answer) return std::unexpected(explained(std::move(answer).error()));
  if (answer->head.status / 100 == 2) return std::move(answer->body);
  return std::unexpected(refusal(answer->head.status, answer->body, address_.shown));
}

Result<std::string> ServerClient::get(const std::string& path, std::stop_token stop,
                                      std::chrono::milliseconds patience) {
  transfer::Request asked = request("GET", path, {});
  asked.timeouts.stall = patience;
  return ask(asked, stop);
}

Result<std::string> ServerClient::post(const std::string& path, std::string json,
                                       std::stop_token stop) {
  return ask(request("POST", path, std::move(json)), stop);
}

Result<void> ServerClient::post_for_events(
    const std::string& path, std::string json,
    const std::function<Result<void>(std::string_view data)>& use, std::stop_token stop) {
  int status = 0;
  std::string refused;
  transfer::SseReader events([&](const transfer::SseEvent& event) { return use(event.data); });
  transfer::Receiver receiver;
  receiver.head = [&](const transfer::ResponseHead& head) -> Result<void> {
    status = head.status;
    return {};
  };
  receiver.body = [&](std::string_view bytes) -> Result<void> {
    if (status / 100 == 2) return events.add(bytes);
    if (refused.size() < kMostBytes) refused += bytes;
    return {};
  };
  const auto sent = http_->send(request("POST", path, std::move(json)), receiver, std::move(stop));
  if (!sent) return std::unexpected(explained(sent.error()));
  if (status / 100 == 2) return {};
  return std::unexpected(refusal(status, refused, address_.shown));
}

std::string model_path(std::string_view model, std::string_view action) {
  return fmt::format("/api/models/{}/{}", transfer::percent_encoded(model), action);
}

}  // namespace shimmy::app

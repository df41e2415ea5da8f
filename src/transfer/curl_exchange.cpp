#include "transfer/curl_exchange.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "transfer/curl_failure.h"
#include "transfer/header_lines.h"
#include "transfer/redirects.h"
#include "transfer/stall_watch.h"
#include "transfer/url.h"

namespace shimmy::transfer {
namespace {

using base::Error;
using base::ErrorCode;
using base::fail;
using base::Result;

using EasyHandle = std::unique_ptr<CURL, decltype(Libcurl::easy_cleanup)>;
using MultiHandle = std::unique_ptr<CURLM, decltype(Libcurl::multi_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(Libcurl::slist_free_all)>;

// Longest wait before the stop token and the stall are looked at again.
constexpr int kPollMs = 50;

class Exchange {
 public:
  Exchange(const Libcurl& curl, const Request& request, bool hides_redirects,
           const Receiver& receiver, const std::stop_token& stop)
      : curl_(curl),
        request_(request),
        hides_redirects_(hides_redirects),
        receiver_(receiver),
        stop_(stop),
        stall_(request.timeouts, clock_),
        multi_(curl.multi_init(), curl.multi_cleanup),
        easy_(curl.easy_init(), curl.easy_cleanup),
        header_list_(nullptr, curl.slist_free_all) {}

  Result<ResponseHead> run(const CurlOptions& options) {
    if (multi_ == nullptr || easy_ == nullptr) {
      return fail(ErrorCode::Internal, "libcurl has no memory for a transfer.");
    }
    if (auto ready = prepare(options); !ready) return std::unexpected(std::move(ready).error());
    curl_.multi_add_handle(multi_.get(), easy_.get());
    CURLcode code = drive();
    curl_.multi_remove_handle(multi_.get(), easy_.get());
    if (failure_) return std::unexpected(std::move(*failure_));
    if (stop_.stop_requested()) {
      return fail(ErrorCode::Cancelled, "The transfer from {} was stopped.",
                  shown_url(request_.url));
    }
    // libcurl calls half a head an answer without a body.
    if (code == CURLE_OK && head_.status < 200) code = CURLE_GOT_NOTHING;
    if (code != CURLE_OK && !is_hidden_redirect()) {
      return std::unexpected(
          curl_failure(code, request_, curl_.easy_strerror(code), error_text_.data()));
    }
    return std::move(head_);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_.easy_setopt(easy_.get(), option, value);
  }

  Result<void> prepare(const CurlOptions& options) {
    const auto url = parse_url(request_.url);
    if (!url) return std::unexpected(url.error());
    if (auto listed = list_headers(); !listed) return listed;
    set(CURLOPT_URL, url->text().c_str());
    set(CURLOPT_HTTPHEADER, header_list_.get());
    set(CURLOPT_USERAGENT, options.user_agent.c_str());
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    if (!request_.unix_socket.empty()) {
      set(CURLOPT_UNIX_SOCKET_PATH, request_.unix_socket.c_str());
    }
    if (!request_.unix_socket.empty() || is_loopback(url->host)) set(CURLOPT_PROXY, "");
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.timeouts.connect.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a stop need not wait for a name server
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    // One connection for each file: a second one does not suffer from the first one's window.
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_BUFFERSIZE, 256L << 10);
    set(CURLOPT_ERRORBUFFER, error_text_.data());
    set(CURLOPT_HEADERFUNCTION, &Exchange::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    set(CURLOPT_WRITEDATA, this);
    set_method();
    return {};
  }

  void set_method() {
    if (request_.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
      return;
    }
    if (request_.method == "GET" && request_.body.empty()) return;
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(CURLOPT_POSTFIELDS, request_.body.c_str());
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }

  Result<void> list_headers() {
    // Without these libcurl would add its own.
    std::vector<std::string> lines{"Expect:"};
    if (header_value(request_.headers, "content-type").empty()) lines.emplace_back("Content-Type:");
    for (const Header& header : request_.headers) {
      if ((header.name + header.value).find_first_of(std::string_view("\r\n\0", 3)) !=
          std::string::npos) {
        return fail(ErrorCode::InvalidRequest,
                    "The value of the header {} has a line break in it, which cannot be sent.",
                    header.name.substr(0, header.name.find_first_of("\r\n")));
      }
      lines.push_back(header.value.empty() ? header.name + ';' : header.name + ": " + header.value);
    }
    for (const std::string& line : lines) {
      curl_slist* longer = curl_.slist_append(header_list_.get(), line.c_str());
      if (longer == nullptr) return fail(ErrorCode::Internal, "No memory for a header.");
      header_list_.release();
      header_list_.reset(longer);
    }
    return {};
  }

  // Until the answer is complete, broken or no longer wanted.
  CURLcode drive() {
    const std::stop_callback wake(stop_, [this] { curl_.multi_wakeup(multi_.get()); });
    int running = 1;
    while (!stop_.stop_requested()) {
      if (curl_.multi_perform(multi_.get(), &running) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
      if (running == 0 || failure_) break;
      if (stall_.is_over()) {
        failure_ = stalled(request_);
        break;
      }
      curl_.multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_.multi_info_read(multi_.get(), &left);
    return message == nullptr ? CURLE_OK : message->data.result;
  }

  bool is_hidden_redirect() const { return hides_redirects_ && is_redirect(head_); }

  // False refuses the answer.
  bool take_header(std::string_view line) {
    stall_.count(line.size());
    if (!lines_.add(line)) return true;
    head_ = lines_.take();
    head_.url = request_.url;
    if (head_.status < 200) return true;  // another head follows
    if (is_hidden_redirect() || !receiver_.head) return true;
    return accept(receiver_.head(head_));
  }

  bool take_body(std::string_view bytes) {
    stall_.count(bytes.size());
    if (stop_.stop_requested() || is_hidden_redirect()) return false;
    const bool accepted = !receiver_.body || accept(receiver_.body(bytes));
    stall_.restart();  // what the receiver took of the time is not the server's fault
    return accepted;
  }

  bool accept(Result<void> verdict) {
    if (!verdict) failure_ = std::move(verdict).error();
    return verdict.has_value();
  }

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* exchange) {
    const std::string_view line(bytes, size * count);
    return static_cast<Exchange*>(exchange)->take_header(line) ? line.size() : 0;
  }

  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* exchange) {
    const std::string_view piece(bytes, size * count);
    return static_cast<Exchange*>(exchange)->take_body(piece) ? piece.size() : 0;
  }

  const Libcurl& curl_;
  const Request& request_;
  const bool hides_redirects_;
  const Receiver& receiver_;
  const std::stop_token& stop_;
  const base::SteadyClock clock_;
  StallWatch stall_;
  HeaderLines lines_;
  ResponseHead head_;
  std::optional<Error> failure_;  // why the transfer was given up by this side
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  // The multi handle goes last: it holds the connection that the easy one uses.
  const MultiHandle multi_;
  const EasyHandle easy_;
  HeaderList header_list_;
};

}  // namespace

Result<ResponseHead> exchange(const Libcurl& curl, const CurlOptions& options,
                              const Request& request, bool hides_redirects,
                              const Receiver& receiver, const std::stop_token& stop) {
  return Exchange(curl, request, hides_redirects, receiver, stop).run(options);
}

}  // namespace shimmy::transfer

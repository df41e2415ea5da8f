// Feeds the request reader bytes that nobody wrote on purpose: once whole, once in pieces. What it
// makes of them must not depend on how the network cut them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request_reader.h"

namespace {

using shimmy::http::Header;
using shimmy::http::Limits;
using shimmy::http::Request;
using shimmy::http::RequestReader;

constexpr std::size_t kMaxRequests = 20;

Limits small_limits() {
  Limits limits;
  limits.header_bytes = 2048;
  limits.target_bytes = 256;
  limits.body_bytes = 16 << 10;
  return limits;
}

// Of one request; of one that failed or is not whole, only what may be relied on.
struct Outcome {
  int status = 0;  // of the problem; 0: none
  bool is_done = false;
  std::string summary;

  bool operator==(const Outcome&) const = default;
};

// Where the next cut is: the fuzzer's first bytes, over and over.
class Cuts {
 public:
  explicit Cuts(std::string_view sizes) : sizes_(sizes) {}

  std::size_t next() {
    if (sizes_.empty()) return SIZE_MAX;
    return 1 + static_cast<unsigned char>(sizes_[at_++ % sizes_.size()]) % 40;
  }

 private:
  std::string_view sizes_;
  std::size_t at_ = 0;
};

std::string summary_of(RequestReader& reader) {
  const Request& request = reader.request();
  std::string text = request.method + " " + request.path + " " + request.query;
  for (const Header& header : request.headers) text += "\n" + header.name + ":" + header.value;
  text += reader.is_http10() ? "\n1.0" : "\n1.1";
  text += reader.wants_keep_alive() ? " stays\n" : " goes\n";
  return text + request.body;
}

// What every handler may rely on.
bool is_sound(RequestReader& reader, const Limits& limits) {
  const Request& request = reader.request();
  if (request.body.size() > limits.body_bytes) return false;
  if (request.path != "*" && !request.path.starts_with('/')) return false;
  if (request.path.find("//") != std::string::npos) return false;
  return std::ranges::none_of(request.headers, [](const Header& header) {
    return header.name.empty() ||
           (header.name + header.value).find_first_of("\r\n") != std::string::npos;
  });
}

// As a session does: requests one after the other, the bytes as they come.
std::vector<Outcome> read_all(std::string_view bytes, Cuts cuts) {
  const Limits limits = small_limits();
  std::vector<Outcome> outcomes;
  std::string input;
  while (outcomes.size() < kMaxRequests) {
    RequestReader reader(limits);
    while (true) {
      input.erase(0, reader.feed(input));
      if (reader.has_head()) input.erase(0, reader.feed(input));
      if (reader.is_done() || reader.problem() || bytes.empty()) break;
      const std::string_view piece = bytes.substr(0, cuts.next());
      input += piece;
      bytes.remove_prefix(piece.size());
    }
    if (reader.is_done() && !is_sound(reader, limits)) __builtin_trap();
    outcomes.push_back({reader.problem() ? reader.problem()->status : 0, reader.is_done(),
                        reader.is_done() ? summary_of(reader) : std::string()});
    if (!reader.is_read()) break;
  }
  return outcomes;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t cut_count = std::min<std::size_t>(size, 4);
  const std::string_view stream = input.substr(cut_count);
  const std::vector<Outcome> whole = read_all(stream, Cuts({}));
  if (whole != read_all(stream, Cuts(input.substr(0, cut_count)))) __builtin_trap();
  if (whole != read_all(stream, Cuts(std::string_view("\0", 1)))) __builtin_trap();
  return 0;
}

// Writes the seed corpus of http_fuzz: small exchanges that each lead the fuzzer into another part
// of the reader. Usage: make_http_seeds tests/fuzz/corpus/http
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "support/compressed.h"

namespace {

using enum shimmy::support::Packing;
using shimmy::support::compressed;

std::string post(std::string_view headers, std::string_view body) {
  std::string bytes = "POST /v1/x HTTP/1.1\r\nHost: localhost\r\n";
  bytes += headers;
  bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return bytes += body;
}

// The first four bytes say where the pieces are cut.
void write(const std::filesystem::path& folder, const char* name, std::string_view bytes) {
  std::ofstream(folder / name, std::ios::binary) << "\x01\x03\x11\x27" << bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_http_seeds FOLDER\n";
    return 1;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  const std::string get = "GET //a/%62/?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string chunked =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "6;ext=\"1\"\r\nhello \r\n5\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\n";
  write(folder, "get", get);
  write(folder, "pipelined", get + post("", "hello") + chunked + get);
  write(folder, "chunked", chunked);
  write(folder, "http10",
        "POST http://h/a?b HTTP/1.0\r\nConnection: keep-alive\r\n"
        "Content-Length: 2\r\n\r\nhi");
  write(folder, "expect", post("Expect: 100-continue\r\n", "hi"));
  write(folder, "gzip",
        post("Content-Encoding: gzip\r\n", compressed("hello", Gzip) + compressed("world", Gzip)) +
            get);
  write(folder, "deflate", post("Content-Encoding: deflate\r\n", compressed("hello", Zlib)));
  write(folder, "bare_deflate", post("Content-Encoding: deflate\r\n", compressed("hello", Bare)));
  write(folder, "bomb",
        post("Content-Encoding: gzip\r\n", compressed(std::string(40'000, '0'), Gzip)));
  write(folder, "both_lengths", post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  write(folder, "asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\nOrigin: null\r\n\r\n");
  write(folder, "folded", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n");
  return 0;
}

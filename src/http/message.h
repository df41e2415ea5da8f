// One HTTP request and one response, as handlers see them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shimmy::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string id;      // unique: "req_" and 32 hexadecimal digits
  std::string method;  // upper case
  std::string path;    // percent-decoded, "//" folded, without a trailing slash or the query
  std::string query;   // as sent, without the question mark
  std::vector<Header> headers;
  std::string body;                   // whole; transfer and content encoding removed
  std::string peer;                   // the client's address, for logs
  std::string client;                 // who asks: the name of an API key, else the address
  std::vector<std::string> captures;  // what the "*" of the route's pattern stood for, decoded

  // The first header of that name, letter case aside; empty when there is none.
  std::string_view header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<Header> headers;  // further ones; framing headers are http/'s business
  std::string body;
  // Of a stream: written when nothing else was for Limits::heartbeat_time, so that nobody takes the
  // connection for dead. Every write() must then leave the body where this may follow. Empty: none.
  std::string heartbeat{};
};

// What http/ itself has against a request; the caller's ErrorRenderer makes the answer of it.
struct Problem {
  int status = 500;
  std::string message;  // a sentence for the user
  std::string code{};   // a word for programs; empty: what the renderer has for the status
  std::vector<Header> headers{};  // further ones of the answer
};

}  // namespace shimmy::http

// Lets only those in who know a key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/middleware.h"
#include "http/open_paths.h"

namespace shimmy::http {

// A name for the client that has this key, for logs and fair shares: tells nothing about the key.
std::string client_of_key(std::string_view key);

// Answers 401 to a request whose keys ("Authorization: Bearer", x-api-key, api-key) are all wrong,
// and names the client in the others. Keys are compared by their hashes and all of them, so that
// time tells nothing about them.
// `open` needs none.
Middleware api_keys(const std::vector<std::string>& keys, OpenPaths open);

}  // namespace shimmy::http

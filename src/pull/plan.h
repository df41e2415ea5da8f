// What a pull will bring: which files, from where, and where they go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "transfer/http_client.h"

namespace shimmy::pull {

struct PlannedFile {
  std::string url;
  std::vector<transfer::Header> headers;  // of the request; credentials among them
  std::filesystem::path path;             // absolute
  std::uint64_t bytes = 0;                // 0: the server does not say
  std::string sha256;                     // hexadecimal; empty: the server does not say
};

// A text that a registry ties to its model: how to prompt it, what to sample with, ….
struct SideText {
  std::string kind;  // "template", "params", "system", "license", …
  std::string text;
};

struct Plan {
  std::string reference;             // as a user may write it again, the quantisation included
  std::string quantization;          // may be empty
  std::vector<PlannedFile> files;    // the model or its first shard first; projectors last
  std::vector<std::string> aliases;  // further names that mean this model
  std::vector<SideText> texts;

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const PlannedFile& file : files) sum += file.bytes;
    return sum;
  }
};

}  // namespace shimmy::pull

// What a user asks to be pulled: a model of the hub, of a registry, or any address.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::pull {

enum class ReferenceKind {
  Hub,       // a repository of the Hugging Face hub
  Registry,  // a model of Ollama's registry, or of one that works as it does
  Address,   // a .gguf file anywhere
};

struct Reference {
  ReferenceKind kind = ReferenceKind::Hub;
  std::string repository;         // "org/repo"; of a registry "library/qwen3"
  std::string wanted;             // hub: a quantisation or a file; registry: the tag; may be empty
  std::string revision = "main";  // hub only
  std::string host;               // registry only: empty for Ollama's own
  std::string url;                // Address only
};

// Understands "org/repo[:quant]" and "org/repo/file.gguf", the same behind "hf.co/" and
// "huggingface.co/", "name[:tag]", "ollama.com/name[:tag]", "host/ns/name:tag", and https:// in
// front of each; else "https://…gguf". The parts are safe as names of directories. Fails with
// InvalidRequest.
base::Result<Reference> parse_reference(std::string_view text);

// As a user may write it again: "org/repo:Q4_K_M", "qwen3:0.6b", the address.
std::string text_of(const Reference& reference);

}  // namespace shimmy::pull

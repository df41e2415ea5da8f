// What a model can do, as far as its file says.
#pragma once

namespace shimmy::models {

struct Capabilities {
  bool chat = false;       // it has a chat template
  bool tools = false;      // the template writes tools
  bool reasoning = false;  // the template knows of thoughts
  bool embeddings = false;
  bool rerank = false;
  bool vision = false;  // an image projector goes with it
  bool infill = false;  // it has the tokens for text with a gap

  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

}  // namespace shimmy::models

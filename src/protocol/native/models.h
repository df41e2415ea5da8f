// The answers of GET /api/models and /api/models/discover.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "protocol/model_card.h"

namespace shimmy::protocol::native {

// `statuses`: as encode_status() writes them, of the card with the same index; may be empty.
std::string encode_models(std::span<const ModelCard> cards,
                          std::span<const std::string> statuses = {});

struct BrokenCard {
  std::string name;
  std::string source;
  std::string reason;
};

struct DiscoveryCard {
  std::vector<ModelCard> models;
  std::vector<std::string> added;  // names
  std::vector<std::string> removed;
  std::vector<BrokenCard> broken;
};

// The answer of GET /api/models/discover.
std::string encode_discovery(const DiscoveryCard& card);

}  // namespace shimmy::protocol::native

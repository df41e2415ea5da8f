#include "gguf/hyperparameter_check.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "gguf/field.h"
#include "gguf/text.h"

namespace shimmy::gguf {
namespace {

// libllama's own limits.
constexpr std::uint64_t kMostLayers = 512;
constexpr std::uint64_t kMostExperts = 1024;
constexpr std::uint64_t kLargestLength = 1ULL << 31;

// The keys of one architecture.
class ModelKeys {
 public:
  ModelKeys(const Metadata& metadata, std::string_view architecture)
      : metadata_(metadata), architecture_(architecture) {}

  std::string key(std::string_view suffix) const {
    return fmt::format("{}.{}", architecture_, suffix);
  }
  std::optional<std::uint64_t> number(std::string_view suffix) const {
    return metadata_.unsigned_at(key(suffix));
  }
  std::optional<std::string_view> text(std::string_view suffix) const {
    return metadata_.string_at(key(suffix));
  }

  // The number, or the largest of an array with one number a layer.
  std::uint64_t largest(std::string_view suffix) const {
    const Array* array = metadata_.array_at(key(suffix));
    if (array == nullptr) return number(suffix).value_or(0);
    std::uint64_t largest = 0;
    for (std::uint64_t i = 0; i < array->count; ++i) {
      largest = std::max<std::uint64_t>(largest, element_u32(*array, i));
    }
    return largest;
  }

 private:
  const Metadata& metadata_;
  std::string_view architecture_;
};

base::Result<void> check_range(const ModelKeys& keys, std::string_view suffix, std::uint64_t least,
                               std::uint64_t most) {
  const auto number = keys.number(suffix);
  if (!number || (*number >= least && *number <= most)) return {};
  return refuse("key {} is {}: {} to {} is allowed", quoted(keys.key(suffix)), *number, least,
                most);
}

base::Result<void> check_layers(const Metadata& metadata, const ModelKeys& keys) {
  const auto layers = keys.number("block_count");
  if (!layers) return {};
  if (auto checked = check_range(keys, "nextn_predict_layers", 0, *layers); !checked) {
    return checked;
  }
  for (const std::string_view suffix : {"attention.head_count", "attention.head_count_kv",
                                        "feed_forward_length", "expert_used_count"}) {
    const Array* array = metadata.array_at(keys.key(suffix));
    if (array != nullptr && array->count != *layers) {
      return refuse("key {} has {} elements: one for each of the {} layers is expected",
                    quoted(keys.key(suffix)), array->count, *layers);
    }
  }
  return {};
}

base::Result<void> check_groups(const ModelKeys& keys, std::uint64_t experts) {
  const std::uint64_t groups = keys.number("expert_group_count").value_or(0);
  const std::uint64_t used = keys.number("expert_group_used_count").value_or(0);
  if (groups == 0 || (groups == 1 && experts > 1)) return {};
  if (groups >= experts || experts % groups != 0) {
    return refuse("key {} is {}: it must be less than the {} experts and divide their number",
                  quoted(keys.key("expert_group_count")), groups, experts);
  }
  if (used < 1 || used >= groups) {
    return refuse("key {} is {}: 1 to {} is allowed", quoted(keys.key("expert_group_used_count")),
                  used, groups - 1);
  }
  return {};
}

base::Result<void> check_experts(const ModelKeys& keys, std::string_view architecture) {
  const std::uint64_t experts = keys.number("expert_count").value_or(0);
  // libllama takes these two architectures as dense when they name a single expert.
  const bool is_dense_with_one = architecture == "hunyuan_vl" || architecture == "hunyuan-dense";
  if (is_dense_with_one && experts <= 1) return {};
  const std::uint64_t used = keys.largest("expert_used_count");
  const std::uint64_t least = experts > 0 ? 1 : 0;
  if (used < least || used > experts) {
    return refuse("key {} is {}: {} to {} is allowed, the model has {} experts",
                  quoted(keys.key("expert_used_count")), used, least, experts, experts);
  }
  return check_groups(keys, experts);
}

base::Result<void> check_rope_scaling(const ModelKeys& keys) {
  constexpr std::array<std::string_view, 4> kKinds{"none", "linear", "yarn", "longrope"};
  const auto kind = keys.text("rope.scaling.type");
  if (!kind || std::ranges::find(kKinds, *kind) != kKinds.end()) return {};
  return refuse("key {} is {}: none, linear, yarn and longrope are supported",
                quoted(keys.key("rope.scaling.type")), quoted(*kind));
}

}  // namespace

base::Result<void> check_hyperparameters(const Metadata& metadata, std::string_view architecture) {
  struct Range {
    std::string_view suffix;
    std::uint64_t least;
    std::uint64_t most;
  };
  constexpr std::array kRanges{
      Range{"block_count", 1, kMostLayers}, Range{"expert_count", 0, kMostExperts},
      Range{"context_length", 1, kLargestLength}, Range{"embedding_length", 1, kLargestLength}};
  const ModelKeys keys(metadata, architecture);
  for (const Range& range : kRanges) {
    auto checked = check_range(keys, range.suffix, range.least, range.most);
    if (!checked) return checked;
  }
  if (auto checked = check_layers(metadata, keys); !checked) return checked;
  if (auto checked = check_experts(keys, architecture); !checked) return checked;
  return check_rope_scaling(keys);
}

}  // namespace shimmy::gguf

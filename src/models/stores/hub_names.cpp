#include "models/stores/hub_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "gguf/shard_name.h"

namespace shimmy::models::stores {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

bool is_quantization(std::string_view text) {
  std::string tag = upper(text);
  if (tag.starts_with("UD-")) tag.erase(0, 3);
  constexpr std::array<std::string_view, 5> kWhole{"F16", "F32", "BF16", "FP16", "FP32"};
  if (std::ranges::find(kWhole, tag) != kWhole.end()) return true;
  constexpr std::array<std::string_view, 5> kFamilies{"Q", "IQ", "TQ", "MXFP", "NVFP"};
  return std::ranges::any_of(kFamilies, [&tag](std::string_view family) {
    if (!tag.starts_with(family)) return false;
    const std::string_view rest = std::string_view(tag).substr(family.size());
    return !rest.empty() && rest.front() >= '1' && rest.front() <= '9' &&
           std::ranges::all_of(rest,
                               [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  });
}

// Where the quantisation starts; npos: there is none.
std::size_t tag_start(std::string_view stem) {
  for (std::size_t i = 0; i < stem.size(); ++i) {
    const bool is_start = i == 0 || std::string_view("-._").contains(stem[i - 1]);
    if (is_start && is_quantization(stem.substr(i))) return i;
  }
  return std::string_view::npos;
}

// Without the repository, which llama.cpp writes before the file's own name.
std::string own_stem(std::string_view repository, const std::filesystem::path& file) {
  std::string start = std::string(repository) + "_";
  std::ranges::replace(start, '/', '_');
  std::string stem = model_stem(file);
  if (stem.starts_with(start)) stem.erase(0, start.size());
  return stem;
}

bool is_called_projector(std::string_view stem) {
  return upper(stem).find("MMPROJ") != std::string::npos;
}

}  // namespace

std::string_view quantization_tag(std::string_view stem) {
  const std::size_t start = tag_start(stem);
  return start == std::string_view::npos ? std::string_view{} : stem.substr(start);
}

std::string_view without_quantization(std::string_view stem) {
  const std::size_t start = tag_start(stem);
  return start == std::string_view::npos || start < 2 ? stem : stem.substr(0, start - 1);
}

std::string model_stem(const std::filesystem::path& file) {
  std::string stem = file.stem().string();
  if (auto shard = gguf::parse_shard_name(stem)) return std::move(shard->base);
  return stem;
}

void name_hub_files(std::string_view repository, std::vector<FoundFile>& files) {
  std::map<std::string, std::vector<std::string>> stems_by_tag;
  for (const FoundFile& file : files) {
    std::string stem = own_stem(repository, file.path);
    if (is_called_projector(stem)) continue;
    auto& stems = stems_by_tag[upper(quantization_tag(stem))];
    if (std::ranges::find(stems, stem) == stems.end()) stems.push_back(std::move(stem));
  }
  const std::string base(repository);
  const std::string repo = base.substr(base.find('/') + 1);
  for (FoundFile& file : files) {
    const std::string stem = own_stem(repository, file.path);
    const std::string tag(quantization_tag(stem));
    const bool is_only = stems_by_tag[upper(tag)].size() <= 1;
    file.name_lacks_quantization = is_only && tag.empty();
    const std::string& ending = is_only ? tag : stem;
    file.name = fmt::format("{}:{}", base, ending);
    file.aliases = {base, stem};
    if (!ending.empty()) file.aliases.push_back(fmt::format("{}:{}", repo, ending));
  }
}

}  // namespace shimmy::models::stores

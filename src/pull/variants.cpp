#include "pull/variants.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/letter_case.h"
#include "base/near_names.h"
#include "base/quantity.h"
#include "pull/file_names.h"
#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using base::Result;
using transfer::equal_ignoring_case;

// Q4_K_M, then what is nearest to it in size and quality, then better, then worse.
constexpr std::array<std::string_view, 33> kOrder{
    "Q4_K_M", "UD-Q4_K_XL", "Q4_K_XL",   "Q4_K_L", "Q4_K_S", "Q4_K",  "Q4_1",   "Q4_0",    "IQ4_NL",
    "IQ4_XS", "MXFP4",      "MXFP4_MOE", "Q5_K_M", "Q5_K_S", "Q5_K",  "Q5_1",   "Q5_0",    "Q6_K",
    "Q8_0",   "Q3_K_L",     "Q3_K_M",    "Q3_K_S", "IQ3_M",  "IQ3_S", "IQ3_XS", "IQ3_XXS", "Q2_K",
    "IQ2_M",  "BF16",       "F16",       "FP16",   "F32",    "FP32"};

bool is_companion(std::string_view path) {
  const std::string stem = base::lowered(stem_of(path));
  return is_projector(path) || stem.find("imatrix") != std::string::npos;
}

// Files that are one model have the same key.
std::string key_of(const RemoteFile& file) {
  const auto shard = shard_name(file.path);
  return shard ? fmt::format("{}-of-{}", shard->base, shard->count) : file.path;
}

Variant variant_of(std::vector<RemoteFile> files) {
  Variant variant;
  std::ranges::sort(files, {}, &RemoteFile::path);
  const auto shard = shard_name(files.front().path);
  variant.is_complete = !shard || files.size() == shard->count;
  variant.quantization = quantization_in(files.front().path);
  for (const RemoteFile& file : files) variant.bytes += file.bytes;
  variant.files = std::move(files);
  return variant;
}

std::string own_name(const Variant& variant) {
  const std::string& path = variant.files.front().path;
  const auto shard = shard_name(path);
  return std::string(stem_of(shard ? shard->base : path));
}

// By quantisation where that tells them apart.
void name_variants(std::vector<Variant>& variants) {
  for (Variant& variant : variants) {
    const auto same = std::ranges::count(variants, variant.quantization, &Variant::quantization);
    const bool is_telling = !variant.quantization.empty() && same == 1;
    variant.name = is_telling ? variant.quantization : own_name(variant);
  }
}

bool is_meant(const Variant& variant, std::string_view wanted) {
  const std::string& path = variant.files.front().path;
  return equal_ignoring_case(variant.name, wanted) ||
         equal_ignoring_case(variant.quantization, wanted) ||
         equal_ignoring_case(own_name(variant), stem_of(wanted)) ||
         std::ranges::any_of(variant.files,
                             [&](const RemoteFile& file) {
                               return file.path == wanted || stem_of(file.path) == stem_of(wanted);
                             }) ||
         path == wanted;
}

}  // namespace

std::vector<Variant> variants_of(std::span<const RemoteFile> files) {
  std::map<std::string, std::vector<RemoteFile>> models;
  for (const RemoteFile& file : files) {
    if (has_gguf_extension(file.path) && !is_companion(file.path)) {
      models[key_of(file)].push_back(file);
    }
  }
  std::vector<Variant> variants;
  for (auto& [key, shards] : models) variants.push_back(variant_of(std::move(shards)));
  std::ranges::stable_sort(variants, {}, &Variant::bytes);
  name_variants(variants);
  return variants;
}

std::optional<RemoteFile> projector_of(std::span<const RemoteFile> files) {
  constexpr std::array<std::string_view, 5> order{"F16", "BF16", "FP16", "Q8_0", "F32"};
  std::optional<RemoteFile> best;
  std::size_t best_rank = 0;
  for (const RemoteFile& file : files) {
    if (!has_gguf_extension(file.path) || !is_projector(file.path)) continue;
    std::string quantization = quantization_in(file.path);
    const auto rank =
        static_cast<std::size_t>(std::ranges::find(order, quantization) - order.begin());
    if (best && rank >= best_rank) continue;
    best = file;
    best_rank = rank;
  }
  return best;
}

std::span<const std::string_view> usual_order() { return kOrder; }

std::size_t usual_variant(std::span<const Variant> variants) {
  for (const std::string_view quantization : kOrder) {
    const auto found = std::ranges::find_if(variants, [&](const Variant& variant) {
      return variant.is_complete && variant.quantization == quantization;
    });
    if (found != variants.end()) return static_cast<std::size_t>(found - variants.begin());
  }
  return 0;
}

Result<std::size_t> find_variant(std::span<const Variant> variants, std::string_view wanted,
                                 std::string_view repository) {
  std::vector<std::size_t> meant;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (is_meant(variants[i], wanted)) meant.push_back(i);
  }
  if (meant.size() == 1) return meant.front();
  if (meant.size() > 1) {
    return base::fail(ErrorCode::InvalidRequest,
                      "{} has {} models that {} may mean. Name one of its files: {}.", repository,
                      meant.size(), wanted, listed(variants));
  }
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.push_back(variant.name);
  const auto near = base::near_names(wanted, names, 2);
  const std::string hint =
      near.empty() ? "" : fmt::format(" Did you mean {}?", fmt::join(near, " or "));
  return base::fail(ErrorCode::ModelNotFound, "{} has no {}.{} There is {}.", repository, wanted,
                    hint, listed(variants));
}

std::string listed(std::span<const Variant> variants) {
  std::string text;
  for (const Variant& variant : variants) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} ({})", variant.name, base::human_bytes(variant.bytes));
  }
  return text;
}

}  // namespace shimmy::pull

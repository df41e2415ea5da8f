// The names of models from repositories, as hub users write them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/stores/store.h"

namespace shimmy::models::stores {

// "Q4_K_M", "UD-Q4_K_XL", "BF16", …: what a file's stem ends with, letter case kept. Good for names
// only: what a model is quantised to, its header says. Empty: none.
std::string_view quantization_tag(std::string_view stem);

// The stem without its quantisation: "Qwen3-4B-Q4_K_M" -> "Qwen3-4B". The whole stem where it has
// none, or nothing else.
std::string_view without_quantization(std::string_view stem);

// The stem of a model file, without the number of a shard.
std::string model_stem(const std::filesystem::path& file);

// Names the files of one repository ("org/repo") "org/repo:QUANT", or by their stem behind the
// colon where two have the same quantisation. Aliases: "org/repo", "repo:QUANT", the stem.
void name_hub_files(std::string_view repository, std::vector<FoundFile>& files);

}  // namespace shimmy::models::stores

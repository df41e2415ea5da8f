// What the names of model files on a server tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gguf/shard_name.h"

namespace shimmy::pull {

// Letters, digits and "._-+" only, and no leading dot or dash: harmless as a name in a directory
// and on a command line.
bool is_safe_name(std::string_view name);

// A path in a repository as one below a directory of ours: what is_safe_name() refuses in a part is
// replaced by "_". Never leads out of the directory.
std::string safe_path(std::string_view path);

// "%20" and the like as the bytes that they stand for; anything else as it is.
std::string percent_decoded(std::string_view text);

bool has_gguf_extension(std::string_view path);  // in any letter case

// The last part of a path, without ".gguf".
std::string_view stem_of(std::string_view path);

// Of "a/model-00002-of-00005.gguf"; its base is the path without the number and the extension.
std::optional<gguf::ShardName> shard_name(std::string_view path);
std::string shard_path(const gguf::ShardName& shard, std::uint32_t number);

// "Q4_K_M", "UD-Q4_K_XL", "BF16", …, in upper case, without the number of a shard. Empty: none.
std::string quantization_in(std::string_view path);

bool is_projector(std::string_view path);

}  // namespace shimmy::pull

#include "models/file_facts.h"

namespace shimmy::models {

base::Result<FileFacts> read_file_facts(const std::filesystem::path& file) {
  return base::fail(base::ErrorCode::ModelLoadFailed, "cannot read {}", file.string());
}

}  // namespace shimmy::models

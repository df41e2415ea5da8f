#include "models/file_facts.h"

#include "gguf/description.h"
#include "gguf/header.h"

namespace shimmy::models {
namespace {

// Only the first of several files carries the model's own metadata: the others count as parts of
// it.
FileKind kind_of(const gguf::Description& description) {
  if (description.kind != gguf::FileKind::Model) return FileKind::Companion;
  const bool is_vocabulary_alone = description.parameters == 0 && description.shard.count <= 1;
  return is_vocabulary_alone ? FileKind::Companion : FileKind::Model;
}

std::string kind_word(const gguf::Description& description) {
  switch (description.kind) {
    case gguf::FileKind::Model: return description.parameters == 0 ? "a vocabulary" : "a model";
    case gguf::FileKind::Adapter: return "an adapter";
    case gguf::FileKind::Projector: return "a projector for images or sound";
    case gguf::FileKind::Other: break;
  }
  return "a companion of some model";
}

}  // namespace

base::Result<FileFacts> read_file_facts(const std::filesystem::path& file) {
  const auto header = gguf::read_header(file);
  if (!header) {
    base::Error error = header.error();
    error.code = base::ErrorCode::ModelLoadFailed;
    return std::unexpected(std::move(error));
  }
  gguf::Description description = gguf::describe(*header);
  FileFacts facts;
  facts.kind = kind_of(description);
  facts.kind_word = kind_word(description);
  facts.architecture = std::move(description.architecture);
  facts.title = std::move(description.title);
  facts.parameters = description.parameters;
  facts.quantization = std::move(description.quantization);
  facts.context_tokens = description.context_tokens;
  facts.has_chat_template = !description.chat_template.empty();
  return facts;
}

}  // namespace shimmy::models

#include "support/planted_stores.h"

#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>

#include "support/gguf_writer.h"

namespace shimmy::support {
namespace {

namespace fs = std::filesystem;

std::string digits(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::uint64_t hash = std::hash<std::string_view>{}(bytes);
  std::string result;
  while (result.size() < 64) {
    hash = hash * 6364136223846793005U + 1442695040888963407U;
    result += kHex[hash >> 60U];
  }
  return result;
}

std::string manifest_text(const std::vector<std::pair<std::string, std::string>>& layers) {
  std::string text = R"({"schemaVersion":2,"config":{"mediaType":"c","size":1},"layers":[)";
  const char* separator = "";
  for (const auto& [media_type, digest] : layers) {
    text.append(separator).append(R"({"mediaType":")").append(media_type);
    text.append(R"(","digest":")").append(digest).append(R"(","size":1})");
    separator = ",";
  }
  return text + "]}";
}

}  // namespace

std::string planted_model(const PlantedModel& model) {
  GgufWriter writer;
  writer.text("general.architecture", "llama")
      .text("general.name", model.title)
      .u32("general.file_type", 3)
      .u32("llama.context_length", 2048)
      .u32("llama.embedding_length", 64)
      .u32("llama.block_count", 2)
      .u32("llama.attention.head_count", 4)
      .text("tokenizer.ggml.model", "gpt2")
      .texts("tokenizer.ggml.tokens", {"<s>", "</s>", "a", "b"})
      .i32s("tokenizer.ggml.token_type", {3, 3, 1, 1})
      .u32("tokenizer.ggml.bos_token_id", 0)
      .u32("tokenizer.ggml.eos_token_id", 1);
  if (!model.base_name.empty()) writer.text("general.basename", model.base_name);
  if (!model.chat_template.empty()) writer.text("tokenizer.chat_template", model.chat_template);
  writer.tensor("token_embd.weight", {64, 4}, kQ4_1, std::string(160, '\1'));
  return writer.bytes();
}

std::string planted_projector(std::string_view base_name, unsigned projection_size) {
  GgufWriter writer;
  writer.text("general.architecture", "clip")
      .text("general.type", "mmproj")
      .u32("general.file_type", 1)
      .u32("clip.vision.projection_dim", projection_size);
  if (!base_name.empty()) writer.text("general.basename", base_name);
  return writer.tensor("v.patch", {4}, kF32, std::string(16, '\1')).bytes();
}

std::string planted_adapter(std::string_view base_name) {
  GgufWriter writer;
  writer.text("general.architecture", "llama")
      .text("general.type", "adapter")
      .text("adapter.type", "lora")
      .f32("adapter.lora.alpha", 1);
  if (!base_name.empty()) writer.text("general.basename", base_name);
  return writer.tensor("a.lora_a", {4}, kF32, std::string(16, '\1')).bytes();
}

fs::path plant_file(const fs::path& file, std::string_view bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
  return file;
}

fs::path plant_hub_revision(const fs::path& hub, std::string_view repository,
                            std::string_view revision, const Files& files, bool is_main) {
  std::string name = "models--" + std::string(repository);
  if (const std::size_t slash = name.find('/'); slash != std::string::npos) {
    name.replace(slash, 1, "--");
  }
  const fs::path directory = hub / name;
  const fs::path snapshot = directory / "snapshots" / revision;
  fs::create_directories(snapshot);
  for (const auto& [file, bytes] : files) {
    const fs::path blob = plant_file(directory / "blobs" / digits(bytes), bytes);
    const fs::path link = snapshot / file;
    fs::create_directories(link.parent_path());
    fs::create_symlink(fs::relative(blob, link.parent_path()), link);
  }
  if (is_main) plant_file(directory / "refs" / "main", revision);
  return snapshot;
}

std::string plant_ollama_blob(const fs::path& root, std::string_view bytes) {
  plant_file(root / "blobs" / ("sha256-" + digits(bytes)), bytes);
  return "sha256:" + digits(bytes);
}

fs::path plant_ollama_model(const fs::path& root, std::string_view name,
                            const std::vector<PlantedLayer>& layers) {
  std::vector<std::pair<std::string, std::string>> named;
  for (const PlantedLayer& layer : layers) {
    named.emplace_back(layer.media_type, plant_ollama_blob(root, layer.bytes));
  }
  return plant_file(root / "manifests" / name, manifest_text(named));
}

void plant_docker_model(const fs::path& root, const std::vector<std::string>& tags,
                        const std::vector<PlantedLayer>& layers) {
  std::vector<std::pair<std::string, std::string>> named;
  for (const PlantedLayer& layer : layers) {
    const std::string name = digits(layer.bytes);
    plant_file(root / "blobs/sha256" / name, layer.bytes);
    named.emplace_back(layer.media_type, "sha256:" + name);
  }
  const std::string manifest = manifest_text(named);
  plant_file(root / "manifests/sha256" / digits(manifest), manifest);
  std::string entry = R"({"id":"sha256:)" + digits(manifest) + R"(","tags":[)";
  for (const std::string& tag : tags) entry += (tag == tags.front() ? "\"" : ",\"") + tag + '"';
  entry += R"(],"files":[]})";

  std::string index = R"({"models":[)" + entry + "]}";
  if (std::ifstream old(root / "models.json"); old) {
    index.assign(std::istreambuf_iterator<char>(old), {});
    index.insert(index.rfind(']'), "," + entry);
  }
  plant_file(root / "models.json", index);
}

}  // namespace shimmy::support

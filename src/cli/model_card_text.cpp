#include <fmt/chrono.h>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <sstream>
#include <utility>

#include "base/escape.h"
#include "base/quantity.h"
#include "cli/model_card.h"
#include "cli/model_json.h"

namespace shimmy::cli {
namespace {

// One line a fact, its label before it; nothing for a fact that is not known.
class Lines {
 public:
  void add(std::string_view label, std::string_view value) {
    if (!value.empty()) text_ += fmt::format("{:<14} {}\n", label, base::escape_control(value));
  }
  void add(std::string_view label, std::uint64_t number) {
    if (number > 0) add(label, std::to_string(number));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string tensor_text(const ModelCard& card) {
  std::vector<std::string> parts;
  for (const auto& [type, count] : card.tensors) {
    parts.push_back(fmt::format("{} {} ({})", count.tensors, type, base::human_bytes(count.bytes)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string heads_text(const gguf::Description& description) {
  if (description.heads == 0) return {};
  if (description.kv_heads == 0) return std::to_string(description.heads);
  return fmt::format("{}, {} for keys and values", description.heads, description.kv_heads);
}

std::string experts_text(const gguf::Description& description) {
  if (description.experts == 0) return {};
  return fmt::format("{}, {} for each token", description.experts, description.experts_used);
}

std::string tokenizer_text(const gguf::Description& description) {
  if (description.tokenizer.empty()) return {};
  return fmt::format("{}, {} tokens", description.tokenizer, description.vocabulary_size);
}

std::string memory_text(const MemoryNeed& need) {
  std::string text =
      fmt::format("{} with a context of {}", base::human_bytes(need.first), need.first_context);
  if (need.context_limit <= need.first_context) return text;
  return text + fmt::format(", {} with {}", base::human_bytes(need.longest), need.context_limit);
}

std::string fit_text(const MemoryNeed& need) {
  const std::string budget = fmt::format("models may take {} here", base::human_bytes(need.budget));
  if (need.longest <= need.budget) return "yes: " + budget;
  if (need.fitting_context == 0) return "no: " + budget;
  return fmt::format("with a context of {} at most: {}", need.fitting_context, budget);
}

// The first lines, each indented; with how many more there are.
std::string template_text(const std::string& text) {
  constexpr int shown = 6;
  std::istringstream lines(text);
  std::string result;
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (count < shown) result += "  " + base::escape_control(line.substr(0, 400)) + '\n';
  }
  if (count > shown) {
    result += fmt::format("  … {} more line{}: --template prints it all\n", count - shown,
                          count == shown + 1 ? "" : "s");
  }
  return result;
}

std::string modified_text(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

}  // namespace

std::string to_text(const ModelCard& card) {
  const models::ModelEntry& entry = card.entry;
  const gguf::Description& description = card.description;
  Lines lines;
  lines.add("name", entry.name);
  lines.add("aliases", fmt::format("{}", fmt::join(entry.aliases, ", ")));
  lines.add("title", entry.title);
  lines.add("path", entry.path.string());
  lines.add("source", entry.source);
  lines.add("size", base::human_bytes(entry.size_bytes));
  lines.add("modified", modified_text(entry.modified));
  lines.add("architecture", entry.architecture);
  lines.add("parameters", entry.parameters > 0 ? base::human_count(entry.parameters) : "");
  lines.add("quantization", entry.quantization);
  lines.add("context", entry.context_tokens);
  lines.add("layers", description.layers);
  lines.add("embedding", description.embedding_size);
  lines.add("heads", heads_text(description));
  lines.add("experts", experts_text(description));
  lines.add("tokenizer", tokenizer_text(description));
  lines.add("tensors", tensor_text(card));
  lines.add("files", description.shard.count > 1 ? description.shard.count : 0);
  lines.add("capabilities",
            fmt::format("{}", fmt::join(capability_names(entry.capabilities), ", ")));
  if (!entry.projector.empty()) {
    lines.add("projector", entry.projector.string() + " (not used: shimmy takes no images yet)");
  }
  for (const auto& adapter : entry.adapters) lines.add("adapter", adapter.string());
  if (card.memory) {
    lines.add("memory", memory_text(*card.memory));
    lines.add("fits", fit_text(*card.memory));
  }
  for (const auto& [name, value] : parameters(entry.defaults)) lines.add(name, value);
  lines.add("system", entry.defaults.system);
  std::string text = lines.take();
  if (!card.chat_template.empty()) text += "\ntemplate\n" + template_text(card.chat_template);
  return text;
}

}  // namespace shimmy::cli

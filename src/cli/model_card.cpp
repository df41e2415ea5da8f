#include "cli/model_card.h"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <sstream>
#include <utility>

#include "base/escape.h"
#include "base/quantity.h"
#include "cli/json_text.h"
#include "gguf/header.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using models::ModelDefaults;

// Label and value of each default that the store sets.
std::vector<std::pair<std::string, std::string>> parameters(const ModelDefaults& defaults) {
  std::vector<std::pair<std::string, std::string>> result;
  const auto add = [&](const char* name, const auto& value) {
    if (value) result.emplace_back(name, fmt::format("{}", *value));
  };
  add("temperature", defaults.temperature);
  add("top_k", defaults.top_k);
  add("top_p", defaults.top_p);
  add("min_p", defaults.min_p);
  add("typical_p", defaults.typical_p);
  add("repeat_penalty", defaults.repeat_penalty);
  add("frequency_penalty", defaults.frequency_penalty);
  add("presence_penalty", defaults.presence_penalty);
  add("repeat_last_n", defaults.penalty_last_n);
  add("max_tokens", defaults.max_tokens);
  add("seed", defaults.seed);
  for (const std::string& stop : defaults.stop) result.emplace_back("stop", stop);
  add("context", defaults.load.context_tokens);
  return result;
}

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

json::value json_memory(const std::optional<MemoryNeed>& need) {
  if (!need) return nullptr;
  return {{"first_bytes", need->first},     {"first_context", need->first_context},
          {"longest_bytes", need->longest}, {"context_limit", need->context_limit},
          {"budget_bytes", need->budget},   {"fitting_context", need->fitting_context}};
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

json::object json_model(const gguf::Description& description) {
  return {{"layers", description.layers},       {"embedding_size", description.embedding_size},
          {"heads", description.heads},         {"kv_heads", description.kv_heads},
          {"experts", description.experts},     {"experts_used", description.experts_used},
          {"tokenizer", description.tokenizer}, {"vocabulary_size", description.vocabulary_size}};
}

json::object json_tensors(const ModelCard& card) {
  json::object object;
  for (const auto& [type, count] : card.tensors) {
    object[type] = {{"tensors", count.tensors}, {"bytes", count.bytes}};
  }
  return object;
}

template <class Path>
json::array json_paths(const std::vector<Path>& paths) {
  json::array array;
  for (const Path& path : paths) array.emplace_back(path.string());
  return array;
}

// Numbers stay numbers; "stop" is a list.
json::object json_defaults(const ModelDefaults& defaults) {
  json::object object;
  for (const auto& [name, value] : parameters(defaults)) {
    if (name == "stop") continue;
    object[name] = json::parse(value);
  }
  if (!defaults.stop.empty()) object["stop"] = json::value_from(defaults.stop);
  if (!defaults.system.empty()) object["system"] = defaults.system;
  return object;
}

}  // namespace

MemoryNeed memory_need(const models::MemoryForecast& forecast, std::uint64_t budget) {
  MemoryNeed need{forecast.first.total(),
                  forecast.first_context,
                  forecast.longest.total(),
                  forecast.context_limit,
                  budget,
                  0};
  if (need.longest <= budget) {
    need.fitting_context = need.context_limit;
  } else if (forecast.largest_context) {
    need.fitting_context = std::min(forecast.largest_context(budget), need.context_limit);
  }
  return need;
}

base::Result<ModelCard> model_card(models::ModelEntry entry, std::uint64_t budget) {
  const auto header = gguf::read_header(entry.path);
  if (!header) return std::unexpected(header.error());
  ModelCard card{std::move(entry), gguf::describe(*header), {}, {}};
  for (const gguf::Tensor& tensor : header->tensors) {
    TensorCount& count = card.tensors[std::string(tensor.type->name)];
    ++count.tensors;
    count.bytes += tensor.bytes;
  }
  card.chat_template = card.entry.defaults.chat_template.empty()
                           ? card.description.chat_template
                           : card.entry.defaults.chat_template;
  const auto forecast = models::gguf_forecaster({})(card.entry, card.entry.defaults.load);
  if (forecast) card.memory = memory_need(*forecast, budget);
  return card;
}

std::vector<std::string> words(const models::Capabilities& capabilities) {
  std::vector<std::string> result;
  const auto add = [&](bool can, const char* word) {
    if (can) result.emplace_back(word);
  };
  add(capabilities.chat, "chat");
  add(capabilities.tools, "tools");
  add(capabilities.reasoning, "reasoning");
  add(capabilities.vision, "vision");
  add(capabilities.embeddings, "embeddings");
  add(capabilities.rerank, "rerank");
  add(capabilities.infill, "infill");
  return result;
}

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
  lines.add("capabilities", fmt::format("{}", fmt::join(words(entry.capabilities), ", ")));
  lines.add("projector", entry.projector.string());
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

std::string to_json(const ModelCard& card) {
  const models::ModelEntry& entry = card.entry;
  return json_text({{"name", entry.name},
                    {"aliases", json::value_from(entry.aliases)},
                    {"title", entry.title},
                    {"path", entry.path.string()},
                    {"source", entry.source},
                    {"size_bytes", entry.size_bytes},
                    {"modified", entry.modified},
                    {"architecture", entry.architecture},
                    {"parameters", entry.parameters},
                    {"quantization", entry.quantization},
                    {"context_tokens", entry.context_tokens},
                    {"files", card.description.shard.count},
                    {"model", json_model(card.description)},
                    {"tensors", json_tensors(card)},
                    {"capabilities", json::value_from(words(entry.capabilities))},
                    {"projector", entry.projector.string()},
                    {"adapters", json_paths(entry.adapters)},
                    {"memory", json_memory(card.memory)},
                    {"defaults", json_defaults(entry.defaults)},
                    {"chat_template", card.chat_template}});
}

}  // namespace shimmy::cli

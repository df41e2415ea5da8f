#include "cli/model_card.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "app/memory_settings.h"
#include "gguf/header.h"
#include "models/model_files.h"

namespace shimmy::cli {

MemoryNeed memory_need(const pool::MemoryForecast& forecast, std::uint64_t budget) {
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

namespace {

void count_tensors(const gguf::Header& header, std::map<std::string, TensorCount>& counts) {
  for (const gguf::Tensor& tensor : header.tensors) {
    TensorCount& count = counts[std::string(tensor.type->name)];
    ++count.tensors;
    count.bytes += tensor.bytes;
  }
}

}  // namespace

base::Result<ModelCard> model_card(models::ModelEntry entry, const app::ServeOptions* settings) {
  const auto header = gguf::read_header(entry.path);
  if (!header) return std::unexpected(header.error());
  if (settings != nullptr) entry.defaults = settings->rules.defaults_for(entry);
  ModelCard card{std::move(entry), gguf::describe(*header), {}, {}};
  for (const std::filesystem::path& file : models::files_of(card.entry)) {
    const auto part = gguf::read_header(file);
    if (!part) return std::unexpected(part.error());
    count_tensors(*part, card.tensors);
  }
  card.chat_template = card.entry.defaults.chat_template.empty()
                           ? card.description.chat_template
                           : card.entry.defaults.chat_template;
  if (settings == nullptr) return card;
  const auto forecast = app::memory_forecaster(*settings)(card.entry, card.entry.defaults.load);
  if (forecast) card.memory = memory_need(*forecast, app::budget_bytes(*settings));
  return card;
}

std::vector<std::pair<std::string, std::string>> parameters(const models::ModelDefaults& defaults) {
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

}  // namespace shimmy::cli

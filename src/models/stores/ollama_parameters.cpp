#include "models/stores/ollama_parameters.h"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace shimmy::models::stores {
namespace {

namespace json = boost::json;

class Parameters {
 public:
  explicit Parameters(const json::value& value) : object_(value.if_object()) {}

  std::optional<float> number(std::string_view key, double least, double most) const {
    const json::value* value = find(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const double number = value->to_number<double>();
    if (!std::isfinite(number) || number < least || number > most) return std::nullopt;
    return static_cast<float>(number);
  }

  template <class T>
  std::optional<T> integer(std::string_view key, T least,
                           T most = std::numeric_limits<T>::max()) const {
    const json::value* value = find(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    boost::system::error_code error;
    const auto number = value->to_number<T>(error);  // fails where it does not fit
    if (error || number < least || number > most) return std::nullopt;
    return number;
  }

  // A text, or an array of them; the empty ones left out.
  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> result;
    const auto add = [&result](const json::value& value) {
      if (value.is_string() && !value.get_string().empty()) {
        result.emplace_back(value.get_string());
      }
    };
    const json::value* value = find(key);
    if (value == nullptr) return result;
    add(*value);
    if (const json::array* array = value->if_array()) {
      for (const json::value& element : *array) add(element);
    }
    return result;
  }

 private:
  const json::value* find(std::string_view key) const {
    return object_ == nullptr ? nullptr : object_->if_contains(key);
  }

  const json::object* object_;
};

}  // namespace

ModelDefaults ollama_defaults(const json::value& value) {
  const Parameters parameters(value);
  ModelDefaults defaults;
  defaults.temperature = parameters.number("temperature", 0, 100);
  defaults.top_p = parameters.number("top_p", 0, 1);
  defaults.min_p = parameters.number("min_p", 0, 1);
  defaults.typical_p = parameters.number("typical_p", 0, 1);
  defaults.repeat_penalty = parameters.number("repeat_penalty", 0, 100);
  defaults.frequency_penalty = parameters.number("frequency_penalty", -2, 2);
  defaults.presence_penalty = parameters.number("presence_penalty", -2, 2);
  defaults.top_k = parameters.integer<std::int32_t>("top_k", 0);
  defaults.penalty_last_n = parameters.integer<std::int32_t>("repeat_last_n", -1);
  defaults.max_tokens = parameters.integer<std::int32_t>("num_predict", 1);  // -1, -2: no limit
  defaults.seed = parameters.integer<std::uint32_t>("seed", 0);
  defaults.stop = parameters.texts("stop");
  defaults.load.context_tokens = parameters.integer<std::size_t>("num_ctx", 1);
  defaults.load.gpu_layers = parameters.integer<std::int32_t>("num_gpu", -1);
  return defaults;
}

std::string_view family_of_go_template(std::string_view text) {
  // In this order: the later markers occur in templates of the earlier ones, too.
  using Mark = std::pair<std::string_view, std::string_view>;
  constexpr std::array kMarks{Mark{"<|start_header_id|>", "llama3"},
                              Mark{"<|im_start|>", "chatml"},
                              Mark{"<start_of_turn>", "gemma"},
                              Mark{"<<SYS>>", "llama2"},
                              Mark{"[INST]", "mistral"},
                              Mark{"GPT4 Correct", "openchat"},
                              Mark{"<|end|>", "phi3"},
                              Mark{"<|user|>", "zephyr"}};
  for (const auto& [mark, family] : kMarks) {
    if (text.find(mark) != std::string_view::npos) return family;
  }
  return {};
}

}  // namespace shimmy::models::stores

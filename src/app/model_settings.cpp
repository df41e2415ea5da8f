#include "app/model_settings.h"

#include <array>
#include <cstdint>
#include <limits>

#include "generation/cache_type.h"
#include "models/keep_alive.h"

namespace shimmy::app {
namespace {

using Kind = SettingKind;
using models::LoadOptions;
using models::ModelDefaults;
using Texts = std::vector<std::string>;

constexpr double kMaxInt = std::numeric_limits<std::int32_t>::max();

template <auto kMember>
void store_number(ModelDefaults& defaults, const SettingValue& value) {
  using Number = typename std::remove_cvref_t<decltype(defaults.*kMember)>::value_type;
  if constexpr (std::is_floating_point_v<Number>) {
    defaults.*kMember = static_cast<Number>(std::get<double>(value));
  } else {
    defaults.*kMember = static_cast<Number>(std::get<std::int64_t>(value));
  }
}

template <auto kMember>
void store_text(ModelDefaults& defaults, const SettingValue& value) {
  defaults.*kMember = std::get<std::string>(value);
}

base::Result<void> check_limit(const SettingValue& value) {
  if (std::get<std::int64_t>(value) != 0) return {};
  return base::fail(base::ErrorCode::InvalidRequest,
                    "max_tokens must be -1 (no limit), or 1 and more: 0 would answer nothing.");
}

constexpr SettingRule with_check(SettingRule rule, decltype(SettingRule::check) check) {
  rule.check = check;
  return rule;
}

// 0 leaves the choice to the engine.
template <auto kMember>
void store_count(ModelDefaults& defaults, const SettingValue& value) {
  const auto count = static_cast<std::size_t>(std::get<std::int64_t>(value));
  if (count > 0) defaults.load.*kMember = count;
}

template <auto kMember>
void store_cache_type(ModelDefaults& defaults, const SettingValue& value) {
  defaults.load.*kMember = generation::parse_cache_type(std::get<std::string>(value));
}

constexpr SettingRule decimal(std::string_view key, double low, double high, std::string_view help,
                              std::string_view usual) {
  return {.section = "defaults",
          .key = key,
          .kind = Kind::Decimal,
          .help = help,
          .usual = usual,
          .example = usual,
          .low = low,
          .high = high,
          .changes_live = true};
}

constexpr SettingRule integer(std::string_view key, double low, double high, std::string_view help,
                              std::string_view usual, std::string_view example) {
  return {.section = "defaults",
          .key = key,
          .kind = Kind::Integer,
          .help = help,
          .usual = usual,
          .example = example,
          .low = low,
          .high = high,
          .changes_live = true};
}

constexpr SettingRule text(std::string_view key, Kind kind, std::string_view help,
                           std::string_view usual, std::string_view example) {
  return {.section = "defaults",
          .key = key,
          .kind = kind,
          .help = help,
          .usual = usual,
          .example = example,
          .choices = generation::kCacheTypeNames,
          .changes_live = true};
}

constexpr SettingRule with_flag(SettingRule rule, std::string_view flag, std::string_view variable,
                                std::string_view placeholder) {
  rule.flag = flag;
  rule.variable = variable;
  rule.placeholder = placeholder;
  return rule;
}

constexpr std::array kModelSettings{
    Setting<ModelDefaults>{
        with_flag(integer("context", 0, 1 << 30,
                          "tokens that the context may grow to; 0: the model's own", "0", "32768"),
                  "ctx", "SHIMMY_MAX_CTX", "TOKENS"),
        store_count<&LoadOptions::context_tokens>},
    Setting<ModelDefaults>{
        with_flag(integer("parallel", 0, 1024, "requests decoded together; 0: 16", "0", "4"),
                  "parallel", "SHIMMY_PARALLEL", "N"),
        store_count<&LoadOptions::parallel>},
    Setting<ModelDefaults>{
        with_flag(text("keep_alive", Kind::KeepAlive,
                       "how long a model stays in memory after its last request, or forever", "5m",
                       R"("5m")"),
                  "keep-alive", "SHIMMY_KEEP_ALIVE", "DURATION"),
        [](ModelDefaults& defaults, const SettingValue& value) {
          defaults.load.keep_alive = models::parse_keep_alive(std::get<std::string>(value)).value();
        }},
    Setting<ModelDefaults>{
        with_flag(text("chat_template", Kind::Template,
                       "in place of the models' own: a file with Jinja, or a family such as chatml",
                       "the model's own", R"("chatml")"),
                  "chat-template", "SHIMMY_CHAT_TEMPLATE", "FILE|NAME"),
        store_text<&ModelDefaults::chat_template>},
    Setting<ModelDefaults>{
        text("cache_type_k", Kind::Choice, "how keys are stored in the cache", "f16", R"("q8_0")"),
        store_cache_type<&LoadOptions::key_type>},
    Setting<ModelDefaults>{text("cache_type_v", Kind::Choice, "how values are stored in the cache",
                                "f16", R"("q8_0")"),
                           store_cache_type<&LoadOptions::value_type>},
    Setting<ModelDefaults>{
        integer("gpu_layers", -1, 10'000, "layers that a GPU computes; -1: all", "-1", "20"),
        [](ModelDefaults& defaults, const SettingValue& value) {
          defaults.load.gpu_layers = static_cast<std::int32_t>(std::get<std::int64_t>(value));
        }},
    Setting<ModelDefaults>{
        text("system", Kind::Text, "system message of conversations that bring none", "none",
             R"("Answer in one sentence.")"),
        store_text<&ModelDefaults::system>},
    Setting<ModelDefaults>{decimal("temperature", 0, 2, "0: always the likeliest token", "0.7"),
                           store_number<&ModelDefaults::temperature>},
    Setting<ModelDefaults>{
        decimal("top_p", 0, 1, "keep the likeliest up to this sum; 1: off", "0.95"),
        store_number<&ModelDefaults::top_p>},
    Setting<ModelDefaults>{integer("top_k", 0, kMaxInt, "keep the K likeliest; 0: off", "40", "40"),
                           store_number<&ModelDefaults::top_k>},
    Setting<ModelDefaults>{
        decimal("min_p", 0, 1, "drop what is below this share of the likeliest", "0.05"),
        store_number<&ModelDefaults::min_p>},
    Setting<ModelDefaults>{decimal("typical_p", 0, 1, "locally typical sampling; 1: off", "1.0"),
                           store_number<&ModelDefaults::typical_p>},
    Setting<ModelDefaults>{
        decimal("repeat_penalty", 0.01, 100, "divides logits of recent tokens; 1: off", "1.0"),
        store_number<&ModelDefaults::repeat_penalty>},
    Setting<ModelDefaults>{
        decimal("frequency_penalty", -2, 2, "for each recent occurrence; 0: off", "0.0"),
        store_number<&ModelDefaults::frequency_penalty>},
    Setting<ModelDefaults>{
        decimal("presence_penalty", -2, 2, "for each recent token; 0: off", "0.0"),
        store_number<&ModelDefaults::presence_penalty>},
    Setting<ModelDefaults>{
        integer("repeat_last_n", -1, kMaxInt, "tokens that count as recent; -1: all", "64", "64"),
        store_number<&ModelDefaults::penalty_last_n>},
    Setting<ModelDefaults>{
        with_check(integer("max_tokens", -1, kMaxInt, "generate at most this many; -1: no limit",
                           "the endpoint's own", "2048"),
                   check_limit),
        store_number<&ModelDefaults::max_tokens>},
    Setting<ModelDefaults>{integer("seed", 0, std::numeric_limits<std::uint32_t>::max(),
                                   "make the choice repeatable", "a new one each time", "42"),
                           store_number<&ModelDefaults::seed>},
    Setting<ModelDefaults>{
        text("stop", Kind::Texts, "end at these texts, too", "none", R"(["<|end|>"])"),
        [](ModelDefaults& defaults, const SettingValue& value) {
          defaults.stop = std::get<Texts>(value);
        }},
};

constexpr std::array kRuleSettings{
    Setting<ModelRule>{
        {.section = "model",
         .key = "aliases",
         .kind = Kind::Texts,
         .help = "further names of the model",
         .usual = "none",
         .example = R"(["gpt-4o-mini"])",
         .changes_live = true},
        [](ModelRule& rule, const SettingValue& value) { rule.aliases = std::get<Texts>(value); }},
    Setting<ModelRule>{{.section = "model",
                        .key = "pin",
                        .kind = Kind::Boolean,
                        .help = "once loaded, it stays in memory",
                        .usual = "false",
                        .example = "true",
                        .changes_live = true},
                       [](ModelRule& rule, const SettingValue& value) {
                         rule.defaults.load.pinned = std::get<bool>(value);
                       }},
};

constexpr std::array kGroupSettings{
    Setting<ModelGroup>{{.section = "group",
                         .key = "models",
                         .kind = Kind::Texts,
                         .help = "the models of the group",
                         .usual = "none",
                         .example = R"(["qwen3-0.6b", "smollm2-135m-instruct"])",
                         .changes_live = true},
                        [](ModelGroup& group, const SettingValue& value) {
                          group.models = std::get<Texts>(value);
                        }},
    Setting<ModelGroup>{{.section = "group",
                         .key = "at_most",
                         .kind = Kind::Integer,
                         .help = "so many of them are in memory at once",
                         .usual = "1",
                         .example = "1",
                         .low = 1,
                         .high = 1024,
                         .changes_live = true},
                        [](ModelGroup& group, const SettingValue& value) {
                          group.at_most = static_cast<std::size_t>(std::get<std::int64_t>(value));
                        }},
};

}  // namespace

std::span<const Setting<ModelDefaults>> model_settings() { return kModelSettings; }
std::span<const Setting<ModelRule>> rule_settings() { return kRuleSettings; }
std::span<const Setting<ModelGroup>> group_settings() { return kGroupSettings; }

}  // namespace shimmy::app

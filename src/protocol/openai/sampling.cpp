#include "protocol/openai/sampling.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <utility>

namespace shimmy::protocol::openai {
namespace {

using generation::Sampling;
using json::Fields;

constexpr std::int32_t kMaxInt = std::numeric_limits<std::int32_t>::max();

struct DecimalField {
  std::string_view key;
  float Sampling::* member;
  double low;
  double high;
};

constexpr DecimalField kDecimals[] = {
    {"temperature", &Sampling::temperature, 0, 2},
    {"top_p", &Sampling::top_p, 0, 1},
    {"min_p", &Sampling::min_p, 0, 1},
    {"typical_p", &Sampling::typical_p, 0, 1},
    {"presence_penalty", &Sampling::presence_penalty, -2, 2},
    {"frequency_penalty", &Sampling::frequency_penalty, -2, 2},
    {"repeat_penalty", &Sampling::repeat_penalty, 0.01, 100},
    {"repetition_penalty", &Sampling::repeat_penalty, 0.01, 100},  // vLLM's spelling
    {"dry_multiplier", &Sampling::dry_multiplier, 0, 100},
    {"dry_base", &Sampling::dry_base, 1, 100},
    {"xtc_probability", &Sampling::xtc_probability, 0, 1},
    {"xtc_threshold", &Sampling::xtc_threshold, 0, 1},
    {"mirostat_tau", &Sampling::mirostat_tau, 0, 100},
    {"mirostat_eta", &Sampling::mirostat_eta, 0, 1},
};

struct IntegerField {
  std::string_view key;
  std::int32_t Sampling::* member;
  std::int64_t low;
  std::int64_t high;
};

constexpr IntegerField kIntegers[] = {
    {"top_k", &Sampling::top_k, 0, kMaxInt},
    {"repeat_last_n", &Sampling::penalty_last_n, -1, kMaxInt},
    {"dry_allowed_length", &Sampling::dry_allowed_length, 0, kMaxInt},
    {"dry_penalty_last_n", &Sampling::dry_last_n, -1, kMaxInt},
    {"mirostat", &Sampling::mirostat, 0, 2},
};

// The same 64 bits always give the same 32.
std::uint32_t folded(std::int64_t seed) {
  const auto bits = static_cast<std::uint64_t>(seed);
  return static_cast<std::uint32_t>(bits ^ (bits >> 32));
}

void decode_logit_bias(Fields& fields, Sampling& sampling) {
  const boost::json::object* object = fields.object("logit_bias");
  if (object == nullptr) return;
  Fields biases(*object, "logit_bias");
  for (const auto& member : *object) {
    const std::string_view key(member.key().data(), member.key().size());
    generation::Token token = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), token);
    if (error != std::errc() || end != key.data() + key.size() || token < 0) {
      fields.fail({base::ErrorCode::InvalidRequest,
                   fmt::format("Invalid key in 'logit_bias': '{}'. Expected a token id.", key),
                   {},
                   "logit_bias",
                   "invalid_value"});
      return;
    }
    const auto bias = biases.decimal(key, -100, 100);
    if (!bias) continue;
    const bool banned = *bias == -100;
    sampling.logit_bias.emplace_back(
        token, banned ? -std::numeric_limits<float>::infinity() : static_cast<float>(*bias));
  }
  if (const auto& error = biases.error()) fields.fail(*error);
}

std::vector<std::string> decode_texts(Fields& fields, std::string_view key,
                                      const boost::json::array& items) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (const auto* text = items[i].if_string()) texts.emplace_back(json::view(*text));
    else fields.fail(json::type_error(fmt::format("{}[{}]", key, i), "a string", items[i]));
  }
  return texts;
}

Sampling decode_sampling(Fields& fields, Sampling sampling) {
  for (const DecimalField& field : kDecimals) {
    if (const auto value = fields.decimal(field.key, field.low, field.high))
      sampling.*field.member = static_cast<float>(*value);
  }
  for (const IntegerField& field : kIntegers) {
    if (const auto value = fields.integer(field.key, field.low, field.high))
      sampling.*field.member = static_cast<std::int32_t>(*value);
  }
  if (const auto seed = fields.integer("seed", std::numeric_limits<std::int64_t>::min(),
                                       std::numeric_limits<std::int64_t>::max()))
    sampling.seed = folded(*seed);
  if (const auto* breakers = fields.array("dry_sequence_breakers"))
    sampling.dry_breakers = decode_texts(fields, "dry_sequence_breakers", *breakers);
  decode_logit_bias(fields, sampling);
  return sampling;
}

std::vector<std::string> decode_stop(Fields& fields) {
  const boost::json::value* stop = fields.find("stop");
  if (stop == nullptr) return {};
  if (const auto* one = stop->if_string()) return {std::string(json::view(*one))};
  const boost::json::array* several = stop->if_array();
  if (several == nullptr) {
    fields.fail_type("stop", "a string or an array of strings", *stop);
    return {};
  }
  if (several->size() > kMaxStops) {
    fields.fail({base::ErrorCode::InvalidRequest,
                 fmt::format("Invalid 'stop': array too long. Expected an array with maximum "
                             "length {}, but got an array with length {} instead.",
                             kMaxStops, several->size()),
                 {},
                 "stop",
                 "array_above_max_length"});
    return {};
  }
  return decode_texts(fields, "stop", *several);
}

std::vector<generation::Token> decode_stop_tokens(Fields& fields) {
  std::vector<generation::Token> tokens;
  const boost::json::array* ids = fields.array("stop_token_ids");
  if (ids == nullptr) return tokens;
  for (std::size_t i = 0; i < ids->size(); ++i) {
    const auto id = json::as_integer((*ids)[i]);
    if (!id || *id < 0 || *id > kMaxInt) {
      fields.fail(json::type_error(fmt::format("stop_token_ids[{}]", i), "a token id", (*ids)[i]));
      return {};
    }
    tokens.push_back(static_cast<generation::Token>(*id));
  }
  return tokens;
}

// llama.cpp's clients say -1 for no limit.
std::optional<std::int32_t> decode_limit(Fields& fields, std::string_view key, std::int32_t low) {
  const boost::json::value* value = fields.find(key);
  if (value != nullptr && json::as_integer(*value) == -1) return -1;
  const auto limit = fields.integer(key, low, kMaxInt);
  if (!limit) return std::nullopt;
  return static_cast<std::int32_t>(*limit);
}

}  // namespace

std::string decode_model(Fields& fields) {
  if (fields.find("model") == nullptr) {
    fields.fail({base::ErrorCode::InvalidRequest, "you must provide a model parameter", {}, {}});
  }
  return fields.text("model").value_or("");
}

generation::Request decode_generation(Fields& fields, const RequestDefaults& defaults) {
  generation::Request request;
  request.sampling = decode_sampling(fields, defaults.sampling);
  request.stop = decode_stop(fields);
  request.stop.insert(request.stop.end(), defaults.stop.begin(), defaults.stop.end());
  request.stop_tokens = decode_stop_tokens(fields);
  request.min_tokens =
      static_cast<std::int32_t>(fields.integer("min_tokens", 0, kMaxInt).value_or(0));
  request.ignore_eos = fields.flag("ignore_eos").value_or(false);
  return request;
}

// Every spelling is checked, whichever wins.
std::int32_t decode_max_tokens(Fields& fields, std::int32_t low, std::int32_t usual) {
  std::optional<std::int32_t> result;
  for (const std::string_view key : {"max_completion_tokens", "max_tokens", "n_predict"}) {
    const auto limit = decode_limit(fields, key, low);
    if (!result) result = limit;
  }
  return result.value_or(usual);
}

bool decode_include_usage(Fields& fields) {
  bool include = false;
  json::with_member(fields, "stream_options", [&](Fields& options) {
    include = options.flag("include_usage").value_or(false);
  });
  return include;
}

}  // namespace shimmy::protocol::openai

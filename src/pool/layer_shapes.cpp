#include "pool/layer_shapes.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>

namespace shimmy::pool {
namespace {

using gguf::Tensor;

// The sizes of the tensors of one layer, by the name that follows "blk.<number>.".
using LayerTensors = std::map<std::string_view, const Tensor*, std::less<>>;

constexpr std::uint64_t kMostLayers = 4096;  // no model has as many; a damaged file may say so

// "blk.12.attn_q.weight": 12 and "attn_q.weight".
std::vector<LayerTensors> by_layer(const std::vector<Tensor>& tensors) {
  std::vector<LayerTensors> layers;
  for (const Tensor& tensor : tensors) {
    constexpr std::string_view prefix = "blk.";
    if (!tensor.name.starts_with(prefix)) continue;
    const std::string_view rest = tensor.name.substr(prefix.size());
    std::uint64_t number = kMostLayers;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const auto digits = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc() || number >= kMostLayers || digits >= rest.size()) continue;
    if (number >= layers.size()) layers.resize(number + 1);
    layers[number].emplace(rest.substr(digits + 1), &tensor);
  }
  return layers;
}

// The numbers of the header under "<architecture>.".
class Keys {
 public:
  explicit Keys(const gguf::Header& header) : header_(header) {}

  // One number for all layers, or one for each.
  std::uint64_t of_layer(std::string_view name, std::size_t layer) const {
    const gguf::Value* value = find(name);
    if (value == nullptr) return 0;
    const gguf::Array* array = value->as_array();
    if (array == nullptr) return value->as_unsigned().value_or(0);
    const bool is_32_bit =
        array->element == gguf::ValueType::Int32 || array->element == gguf::ValueType::Uint32;
    return is_32_bit && layer < array->count ? gguf::element_u32(*array, layer) : 0;
  }
  std::uint64_t number(std::string_view name) const { return of_layer(name, 0); }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  bool is_false(std::string_view name) const {
    const gguf::Value* value = find(name);
    return value != nullptr && value->as_bool() == false;
  }
  std::string_view architecture() const { return header_.architecture; }

 private:
  const gguf::Value* find(std::string_view name) const {
    return header_.metadata.find(fmt::format("{}.{}", header_.architecture, name));
  }

  const gguf::Header& header_;
};

// Width of what a matrix of the layer gives for a row; 0: there is none of that name.
std::uint64_t width(const LayerTensors& layer, std::string_view name) {
  const auto found = layer.find(fmt::format("{}.weight", name));
  return found == layer.end() ? 0 : found->second->dimensions[1];
}

const Tensor* find(const LayerTensors& layer, std::string_view name) {
  const auto found = layer.find(name);
  return found == layer.end() ? nullptr : found->second;
}

class LayerReader {
 public:
  LayerReader(const Keys& keys, std::size_t layers)
      : keys_(keys), embedding_(keys.number("embedding_length")) {
    if (!keeps_cells()) return;
    kept_layers_ = layers - std::min<std::size_t>(layers, keys.number("nextn_predict_layers"));
    const std::size_t shared = keys.number("attention.shared_kv_layers");
    kept_layers_ -= std::min(kept_layers_, shared);
    if (keys.architecture() == "gemma3n") kept_layers_ = std::min<std::size_t>(kept_layers_, 20);
  }

  LayerShape read(const LayerTensors& tensors, std::size_t number) const {
    LayerShape shape;
    const std::uint64_t recurrent = recurrence(tensors, shape);
    const std::uint64_t attentive = attention(tensors, number, recurrent > 0, shape);
    shape.row_values = std::max({recurrent, attentive, feed_forward(tensors, number)});
    return shape;
  }

 private:
  // Encoders look at their batch alone.
  bool keeps_cells() const {
    const std::string_view name = keys_.architecture();
    return !keys_.is_false("attention.causal") && name.find("bert") == std::string_view::npos &&
           name != "gemma-embedding";
  }

  std::uint64_t head_size(std::string_view key) const {
    const std::uint64_t stated = keys_.number(key);
    return stated > 0
               ? stated
               : embedding_ / std::max<std::uint64_t>(1, keys_.number("attention.head_count"));
  }

  // All give the values of a row while the layer is computed.
  std::uint64_t attention(const LayerTensors& tensors, std::size_t number, bool is_recurrent,
                          LayerShape& shape) const;
  std::uint64_t latent_attention(std::size_t number, LayerShape& shape) const;
  std::uint64_t recurrence(const LayerTensors& tensors, LayerShape& shape) const;
  std::uint64_t feed_forward(const LayerTensors& tensors, std::size_t number) const;
  std::uint64_t query_values(const LayerTensors& tensors, std::size_t number) const;

  const Keys& keys_;
  const std::uint64_t embedding_;
  std::size_t kept_layers_ = 0;  // the first ones, which have cells of their own
};

std::uint64_t LayerReader::query_values(const LayerTensors& tensors, std::size_t number) const {
  const std::uint64_t own = std::max(width(tensors, "attn_q"), width(tensors, "attn_q_b"));
  if (own > 0) return own;
  return keys_.of_layer("attention.head_count", number) * head_size("attention.key_length");
}

std::uint64_t LayerReader::attention(const LayerTensors& tensors, std::size_t number,
                                     bool is_recurrent, LayerShape& shape) const {
  if (width(tensors, "attn_kv_a_mqa") > 0) return latent_attention(number, shape);
  std::uint64_t key = width(tensors, "attn_k");
  std::uint64_t value = width(tensors, "attn_v");
  // In layers with a state, one matrix for all may feed that alone.
  if (key == 0 && width(tensors, "attn_qkv") > 0 && !is_recurrent) {
    const std::uint64_t stated = keys_.of_layer("attention.head_count_kv", number);
    const std::uint64_t heads =
        stated > 0 ? stated : keys_.of_layer("attention.head_count", number);
    key = heads * head_size("attention.key_length");
    value = heads * head_size("attention.value_length");
  }
  if (key == 0) return 0;
  if (value == 0) value = key;  // both come of one matrix
  if (number < kept_layers_) {
    shape.key_values = key;
    shape.value_values = value;
  }
  return 2 * (query_values(tensors, number) + key + value + embedding_);
}

// One key for all heads, of which the values are a part.
std::uint64_t LayerReader::latent_attention(std::size_t number, LayerShape& shape) const {
  const std::uint64_t heads = keys_.of_layer("attention.head_count", number);
  const std::uint64_t key = head_size("attention.key_length");
  const std::uint64_t value = head_size("attention.value_length");
  const bool is_compressed = keys_.has("attention.key_length_mla");
  if (number < kept_layers_) {
    const std::uint64_t kv_heads =
        is_compressed
            ? 1
            : std::max<std::uint64_t>(1, keys_.of_layer("attention.head_count_kv", number));
    shape.key_values = kv_heads * key;
    shape.value_values = is_compressed ? 0 : kv_heads * value;
  }
  if (!is_compressed) return 2 * (heads * (2 * key + value) + embedding_);
  return heads * (key + 2 * value + keys_.number("attention.key_length_mla")) + 2 * key;
}

std::uint64_t LayerReader::recurrence(const LayerTensors& tensors, LayerShape& shape) const {
  if (const Tensor* taps = find(tensors, "shortconv.conv.weight")) {
    shape.window_values = (taps->dimensions[0] - 1) * embedding_;
    shape.sequence_values = 2 * shape.window_values;
    return 7 * embedding_;
  }
  if (const Tensor* taps = find(tensors, "ssm_conv1d.weight")) {
    const std::uint64_t channels = taps->dimensions[1];
    const std::uint64_t inner = keys_.number("ssm.inner_size");
    shape.window_values = (std::max<std::uint64_t>(1, taps->dimensions[0]) - 1) * channels;
    shape.state_values = inner * keys_.number("ssm.state_size");
    shape.sequence_values = shape.state_values + 2 * shape.window_values;
    const std::uint64_t in = std::max(width(tensors, "ssm_in"),
                                      width(tensors, "attn_qkv") + width(tensors, "attn_gate"));
    return 3 * embedding_ + in + 2 * channels + inner;
  }
  if (keys_.has("wkv.head_size")) {
    const std::uint64_t shifts =
        keys_.has("token_shift_count") ? keys_.number("token_shift_count") : 2;
    shape.window_values = shifts * embedding_;
    shape.state_values = embedding_ * keys_.number("wkv.head_size");
    shape.sequence_values = shape.state_values + 2 * shape.window_values;
    return 12 * embedding_;
  }
  return 0;
}

// Gate, up and their product lie beside what attention has left.
std::uint64_t LayerReader::feed_forward(const LayerTensors& tensors, std::size_t number) const {
  const std::uint64_t beside = 3 * embedding_ + query_values(tensors, number);
  std::uint64_t wide = std::max(width(tensors, "ffn_up"), width(tensors, "ffn_gate"));
  std::uint64_t outputs = 0;
  if (const std::uint64_t expert =
          std::max(width(tensors, "ffn_up_exps"), width(tensors, "ffn_gate_up_exps") / 2);
      expert > 0) {
    const std::uint64_t used =
        std::max<std::uint64_t>(1, keys_.of_layer("expert_used_count", number));
    wide = std::max(wide, used * expert);
    // One row of each expert, where gate and up leave too little room.
    if (embedding_ * used > 2 * wide) outputs = embedding_ * used;
  }
  return wide == 0 ? 0 : beside + 3 * wide + outputs;
}

}  // namespace

std::vector<LayerShape> layer_shapes(const gguf::Header& first,
                                     const std::vector<Tensor>& tensors) {
  const Keys keys(first);
  const std::vector<LayerTensors> layers = by_layer(tensors);
  const LayerReader reader(keys, layers.size());
  std::vector<LayerShape> shapes;
  shapes.reserve(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) shapes.push_back(reader.read(layers[i], i));
  return shapes;
}

}  // namespace shimmy::pool

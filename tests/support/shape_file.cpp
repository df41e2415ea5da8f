#include "support/shape_file.h"

#include <fmt/core.h>

#include <fstream>
#include <stdexcept>

#include "gguf/tensor_types.h"
#include "support/gguf_writer.h"
#include "support/tiny_model.h"

namespace shimmy::support {
namespace {

constexpr std::uint64_t kAlignment = 32;

// Adds tensors one after another, without their bytes.
class Writer {
 public:
  explicit Writer(const Shape& shape) : shape_(shape) {}

  void key(std::string_view name, std::uint64_t value) {
    file_.u32(fmt::format("{}.{}", architecture(), name), static_cast<std::uint32_t>(value));
  }
  void key(std::string_view name, const std::vector<std::int32_t>& values) {
    file_.i32s(fmt::format("{}.{}", architecture(), name), values);
  }
  void matrix(const std::string& name, const std::vector<std::uint64_t>& sizes) {
    tensor(name + ".weight", sizes, shape_.type);
  }
  void floats(const std::string& name, const std::vector<std::uint64_t>& sizes) {
    tensor(name, sizes, kF32);
  }
  void norm(const std::string& name, std::uint64_t size) { floats(name + ".weight", {size}); }

  void head() {
    file_.text("general.architecture", architecture());
    if (shape_.has_tokens) {
      tokens();
    } else {
      file_.text("tokenizer.ggml.model", "no_vocab");
      key("vocab_size", shape_.vocabulary);
    }
    key("context_length", 131072);
    key("embedding_length", shape_.embedding);
    key("block_count", shape_.layers);
    key("feed_forward_length", shape_.feed_forward);
    file_.f32(fmt::format("{}.attention.layer_norm_rms_epsilon", architecture()), 1e-5F);
  }

  ShapeFile finish() && {
    ShapeFile file{.header = file_.header_bytes(), .tensors = std::move(tensors_)};
    const std::uint64_t start = aligned(file.header.size());
    for (ShapeTensor& tensor : file.tensors) tensor.offset += start;
    file.bytes = start + offset_;
    return file;
  }

  std::string architecture() const {
    switch (shape_.family) {
      case Family::Llama:
      case Family::Mixtral: return "llama";
      case Family::Qwen3: return "qwen3";
      case Family::Gemma3: return "gemma3";
      case Family::GptOss: return "gpt-oss";
      case Family::Qwen3Moe: return "qwen3moe";
      case Family::DeepSeek2: return "deepseek2";
      case Family::Mamba: return "mamba";
      case Family::Granite: return "granitehybrid";
      case Family::Lfm2: return "lfm2";
    }
    throw std::logic_error("a family without a name");
  }

 private:
  void tensor(const std::string& name, const std::vector<std::uint64_t>& sizes,
              std::uint32_t type) {
    const gguf::TensorType* kind = gguf::find_tensor_type(type);
    std::uint64_t elements = 1;
    for (const std::uint64_t size : sizes) elements *= size;
    file_.tensor_at(name, sizes, type, offset_);
    tensors_.push_back({name, sizes, type, offset_});
    offset_ = aligned(offset_ + elements / kind->block_elements * kind->block_bytes);
  }

  static std::uint64_t aligned(std::uint64_t offset) {
    return (offset + kAlignment - 1) / kAlignment * kAlignment;
  }

  // The tiny models' vocabulary, and words to the shape's size that no text is split into.
  void tokens() {
    TinyVocabulary vocabulary = tiny_vocabulary();
    if (shape_.vocabulary < vocabulary.tokens.size()) {
      throw std::runtime_error(fmt::format("a shape with tokens needs a vocabulary of {} or more",
                                           vocabulary.tokens.size()));
    }
    while (vocabulary.tokens.size() < shape_.vocabulary) {
      vocabulary.tokens.push_back(fmt::format("\u0120w{}", vocabulary.tokens.size()));
      vocabulary.types.push_back(vocabulary.types.front());
    }
    file_.text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "gpt-2")
        .texts("tokenizer.ggml.tokens", vocabulary.tokens)
        .texts("tokenizer.ggml.merges", vocabulary.merges)
        .i32s("tokenizer.ggml.token_type", vocabulary.types)
        .u32("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(vocabulary.end_of_text))
        .boolean("tokenizer.ggml.add_bos_token", false);
  }

  const Shape& shape_;
  GgufWriter file_;
  std::vector<ShapeTensor> tensors_;
  std::uint64_t offset_ = 0;
};

bool is_hybrid(const Shape& shape) {
  return shape.family == Family::Granite || shape.family == Family::Lfm2;
}

bool has_attention(const Shape& shape, std::uint64_t layer) {
  if (is_hybrid(shape)) return layer % 4 == 3;
  return shape.family != Family::Mamba;
}

void attention_keys(Writer& file, const Shape& shape) {
  file.key("attention.head_count", shape.heads);
  if (is_hybrid(shape)) {
    std::vector<std::int32_t> heads;
    heads.reserve(shape.layers);
    for (std::uint64_t i = 0; i < shape.layers; ++i) {
      heads.push_back(has_attention(shape, i) ? static_cast<std::int32_t>(shape.kv_heads) : 0);
    }
    file.key("attention.head_count_kv", heads);
  } else {
    file.key("attention.head_count_kv", shape.kv_heads);
  }
  if (shape.family == Family::DeepSeek2) {
    file.key("attention.key_length", 512 + 64);
    file.key("attention.value_length", 512);
    file.key("attention.key_length_mla", shape.head_size + 64);
    file.key("attention.value_length_mla", shape.head_size);
    file.key("attention.kv_lora_rank", 512);
    file.key("attention.q_lora_rank", 768);
    file.key("rope.dimension_count", 64);
    file.key("leading_dense_block_count", 1);
    file.key("expert_shared_count", 1);
  } else {
    file.key("attention.key_length", shape.head_size);
    file.key("attention.value_length", shape.head_size);
    file.key("rope.dimension_count", shape.head_size);
  }
  if (shape.window > 0) file.key("attention.sliding_window", shape.window);
}

void keys(Writer& file, const Shape& shape) {
  file.head();
  if (shape.family != Family::Mamba) attention_keys(file, shape);
  if (shape.experts > 0) {
    file.key("expert_count", shape.experts);
    file.key("expert_used_count", shape.experts_used);
    file.key("expert_feed_forward_length", shape.feed_forward);
  }
  if (shape.family == Family::Lfm2) file.key("shortconv.l_cache", 3);
  if (shape.inner > 0) {
    file.key("ssm.conv_kernel", 4);
    file.key("ssm.inner_size", shape.inner);
    file.key("ssm.state_size", shape.state);
    file.key("ssm.time_step_rank", shape.family == Family::Granite ? shape.inner / 64 : 48);
    if (shape.family == Family::Granite) file.key("ssm.group_count", 1);
  }
}

void latent_attention(Writer& file, const Shape& shape, const std::string& block) {
  const std::uint64_t rope = 64;
  const std::uint64_t rank = 512;
  file.norm(block + "attn_q_a_norm", 768);
  file.norm(block + "attn_kv_a_norm", rank);
  file.matrix(block + "attn_q_a", {shape.embedding, 768});
  file.matrix(block + "attn_q_b", {768, shape.heads * (shape.head_size + rope)});
  file.matrix(block + "attn_kv_a_mqa", {shape.embedding, rank + rope});
  file.matrix(block + "attn_k_b", {shape.head_size, rank, shape.heads});
  file.matrix(block + "attn_v_b", {rank, shape.head_size, shape.heads});
  file.matrix(block + "attn_output", {shape.heads * shape.head_size, shape.embedding});
}

void attention(Writer& file, const Shape& shape, const std::string& block) {
  if (shape.family == Family::DeepSeek2) {
    latent_attention(file, shape, block);
    return;
  }
  const std::uint64_t kv = shape.kv_heads * shape.head_size;
  file.matrix(block + "attn_q", {shape.embedding, shape.heads * shape.head_size});
  file.matrix(block + "attn_k", {shape.embedding, kv});
  file.matrix(block + "attn_v", {shape.embedding, kv});
  file.matrix(block + "attn_output", {shape.heads * shape.head_size, shape.embedding});
  const bool norms = shape.family == Family::Qwen3 || shape.family == Family::Qwen3Moe ||
                     shape.family == Family::Gemma3 || shape.family == Family::Lfm2;
  if (norms) {
    file.norm(block + "attn_q_norm", shape.head_size);
    file.norm(block + "attn_k_norm", shape.head_size);
  }
  if (shape.family == Family::GptOss) {
    file.floats(block + "attn_q.bias", {shape.heads * shape.head_size});
    file.floats(block + "attn_k.bias", {kv});
    file.floats(block + "attn_v.bias", {kv});
    file.floats(block + "attn_output.bias", {shape.embedding});
    file.norm(block + "attn_sinks", shape.heads);
  }
}

void recurrence(Writer& file, const Shape& shape, const std::string& block) {
  const std::uint64_t embedding = shape.embedding;
  if (shape.family == Family::Lfm2) {
    file.floats(block + "shortconv.conv.weight", {3, embedding});
    file.matrix(block + "shortconv.in_proj", {embedding, 3 * embedding});
    file.matrix(block + "shortconv.out_proj", {embedding, embedding});
    return;
  }
  if (shape.family == Family::Granite) {
    const std::uint64_t heads = shape.inner / 64;
    const std::uint64_t convolved = shape.inner + 2 * shape.state;
    file.matrix(block + "ssm_in", {embedding, shape.inner + convolved + heads});
    file.floats(block + "ssm_conv1d.weight", {4, convolved});
    file.floats(block + "ssm_conv1d.bias", {convolved});
    file.floats(block + "ssm_dt.bias", {heads});
    file.floats(block + "ssm_a", {1, heads});
    file.floats(block + "ssm_d", {1, heads});
    file.norm(block + "ssm_norm", shape.inner);
  } else {
    file.matrix(block + "ssm_in", {embedding, 2 * shape.inner});
    file.floats(block + "ssm_conv1d.weight", {4, shape.inner});
    file.floats(block + "ssm_conv1d.bias", {shape.inner});
    file.floats(block + "ssm_x.weight", {shape.inner, 48 + 2 * shape.state});
    file.floats(block + "ssm_dt.weight", {48, shape.inner});
    file.floats(block + "ssm_dt.bias", {shape.inner});
    file.floats(block + "ssm_a", {shape.state, shape.inner});
    file.floats(block + "ssm_d", {shape.inner});
  }
  file.matrix(block + "ssm_out", {shape.inner, embedding});
}

void experts(Writer& file, const Shape& shape, const std::string& block) {
  const std::uint64_t wide = shape.feed_forward;
  file.floats(block + "ffn_gate_inp.weight", {shape.embedding, shape.experts});
  file.matrix(block + "ffn_gate_exps", {shape.embedding, wide, shape.experts});
  file.matrix(block + "ffn_up_exps", {shape.embedding, wide, shape.experts});
  file.matrix(block + "ffn_down_exps", {wide, shape.embedding, shape.experts});
  if (shape.family == Family::DeepSeek2) {
    file.matrix(block + "ffn_gate_shexp", {shape.embedding, wide});
    file.matrix(block + "ffn_up_shexp", {shape.embedding, wide});
    file.matrix(block + "ffn_down_shexp", {wide, shape.embedding});
  }
  if (shape.family == Family::GptOss) {
    file.floats(block + "ffn_gate_inp.bias", {shape.experts});
    file.floats(block + "ffn_gate_exps.bias", {wide, shape.experts});
    file.floats(block + "ffn_up_exps.bias", {wide, shape.experts});
    file.floats(block + "ffn_down_exps.bias", {shape.embedding, shape.experts});
  }
}

void feed_forward(Writer& file, const Shape& shape, const std::string& block, std::uint64_t layer) {
  if (shape.family == Family::Mamba) return;
  const bool dense = shape.family == Family::DeepSeek2 && layer == 0;
  if (shape.experts > 0 && !dense) {
    experts(file, shape, block);
    return;
  }
  file.matrix(block + "ffn_gate", {shape.embedding, shape.feed_forward});
  file.matrix(block + "ffn_up", {shape.embedding, shape.feed_forward});
  file.matrix(block + "ffn_down", {shape.feed_forward, shape.embedding});
}

void norms(Writer& file, const Shape& shape, const std::string& block) {
  file.norm(block + "attn_norm", shape.embedding);
  if (shape.family == Family::Mamba) return;
  if (shape.family == Family::GptOss) {
    file.norm(block + "post_attention_norm", shape.embedding);
    return;
  }
  file.norm(block + "ffn_norm", shape.embedding);
  if (shape.family == Family::Gemma3) {
    file.norm(block + "post_attention_norm", shape.embedding);
    file.norm(block + "post_ffw_norm", shape.embedding);
  }
}

}  // namespace

ShapeFile lay_out(const Shape& shape) {
  Writer file(shape);
  keys(file, shape);
  file.matrix("token_embd", {shape.embedding, shape.vocabulary});
  file.norm(shape.family == Family::Lfm2 ? "token_embd_norm" : "output_norm", shape.embedding);
  if (!shape.tied) file.matrix("output", {shape.embedding, shape.vocabulary});
  for (std::uint64_t i = 0; i < shape.layers; ++i) {
    const std::string block = fmt::format("blk.{}.", i);
    norms(file, shape, block);
    if (has_attention(shape, i)) {
      attention(file, shape, block);
    } else {
      recurrence(file, shape, block);
    }
    feed_forward(file, shape, block, i);
  }
  return std::move(file).finish();
}

std::filesystem::path write_shape(const std::filesystem::path& directory, const Shape& shape) {
  const ShapeFile file = lay_out(shape);
  auto path = directory / (shape.name + ".gguf");
  std::ofstream(path, std::ios::binary) << file.header;
  std::filesystem::resize_file(path, file.bytes);
  return path;
}

}  // namespace shimmy::support

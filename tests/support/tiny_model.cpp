#include "support/tiny_model.h"

#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "support/noise.h"

namespace shimmy::support {
namespace {

constexpr std::int64_t kEmbedding = 64;
constexpr std::int64_t kFeedForward = 128;
constexpr std::int64_t kHeads = 4;
constexpr std::int64_t kKeyHeads = 2;
constexpr std::int64_t kKeyWidth = kEmbedding / kHeads * kKeyHeads;
constexpr int kLayers = 2;
constexpr std::int64_t kStateInner = 2 * kEmbedding;
constexpr std::int64_t kStateSize = 8;
constexpr std::int64_t kStateRank = 4;
constexpr std::int64_t kStateKernel = 4;

constexpr const char* kChatMl =
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ "
    "'<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' "
    "}}{% endif %}";

struct FreeTensors {
  void operator()(ggml_context* tensors) const { ggml_free(tensors); }
};
struct FreeFile {
  void operator()(gguf_context* file) const { gguf_free(file); }
};

class Writer {
 public:
  explicit Writer(const TinyModelOptions& options)
      : options_(options), noise_(options.seed), architecture_(name_of(options.architecture)) {
    constexpr std::size_t kTensorBytes = std::size_t{4} << 20;
    tensors_.reset(ggml_init({kTensorBytes, nullptr, /*no_alloc=*/false}));
    file_.reset(gguf_init_empty());
    for (std::uint16_t i = 1; i < options.shards; ++i) more_files_.emplace_back(gguf_init_empty());
    if (!tensors_ || !file_) throw std::runtime_error("no memory for a tiny model");
  }

  // Gives the path of the first file.
  std::filesystem::path write_to(const std::filesystem::path& directory) {
    add_header();
    add_tokenizer();
    add_weights();
    if (more_files_.empty()) return write(*file_, directory / (options_.name + ".gguf"));
    for (std::uint16_t i = 1; i < options_.shards; ++i) {
      write_shard(*more_files_[i - 1U], directory, i);
    }
    return write_shard(*file_, directory, 0);
  }

 private:
  static std::filesystem::path write(gguf_context& file, std::filesystem::path path) {
    if (!gguf_write_to_file(&file, path.c_str(), /*only_meta=*/false)) {
      throw std::runtime_error("cannot write " + path.string());
    }
    return path;
  }

  std::filesystem::path write_shard(gguf_context& file, const std::filesystem::path& directory,
                                    std::uint16_t index) {
    gguf_set_val_u16(&file, "split.no", index);
    gguf_set_val_u16(&file, "split.count", options_.shards);
    gguf_set_val_i32(&file, "split.tensors.count", tensor_count_);
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "-%05u-of-%05u.gguf", index + 1U,
                  unsigned{options_.shards});
    return write(file, directory / (options_.name + number.data()));
  }

  static const char* name_of(TinyArchitecture architecture) {
    switch (architecture) {
      case TinyArchitecture::Llama: return "llama";
      case TinyArchitecture::Gemma2: return "gemma2";
      case TinyArchitecture::Mamba: return "mamba";
      case TinyArchitecture::Bert: return "bert";
    }
    throw std::runtime_error("no such architecture");
  }

  void set(const std::string& key, std::int64_t value) {
    gguf_set_val_u32(file_.get(), (architecture_ + "." + key).c_str(),
                     static_cast<std::uint32_t>(value));
  }

  void add_header() {
    gguf_set_val_str(file_.get(), "general.architecture", architecture_.c_str());
    gguf_set_val_str(file_.get(), "general.name", options_.name.c_str());
    gguf_set_val_u32(file_.get(), "general.file_type", file_type());
    set("context_length", options_.context_tokens);
    set("embedding_length", kEmbedding);
    set("block_count", kLayers);
    gguf_set_val_f32(file_.get(), (architecture_ + ".attention.layer_norm_rms_epsilon").c_str(),
                     1e-5F);
    if (options_.pooling != TinyPooling::None) {
      set("pooling_type", static_cast<std::int64_t>(options_.pooling));
    }
    if (options_.architecture == TinyArchitecture::Mamba) {
      set("feed_forward_length", 0);
      set("attention.head_count", 0);
      set("ssm.conv_kernel", kStateKernel);
      set("ssm.inner_size", kStateInner);
      set("ssm.state_size", kStateSize);
      set("ssm.time_step_rank", kStateRank);
      return;
    }
    set("feed_forward_length", kFeedForward);
    set("attention.head_count", kHeads);
    if (options_.architecture == TinyArchitecture::Bert) {
      gguf_set_val_f32(file_.get(), "bert.attention.layer_norm_epsilon", 1e-5F);
      gguf_set_val_bool(file_.get(), "bert.attention.causal", false);
      gguf_set_val_u32(file_.get(), "tokenizer.ggml.token_type_count", 2);
      return;
    }
    set("attention.head_count_kv", kKeyHeads);
    set("attention.key_length", kEmbedding / kHeads);
    set("attention.value_length", kEmbedding / kHeads);
    set("rope.dimension_count", kEmbedding / kHeads);
    if (options_.architecture == TinyArchitecture::Gemma2) {
      set("attention.sliding_window", kTinyWindow);
    }
  }

  void add_tokenizer() {
    const TinyVocabulary& vocabulary = tiny_vocabulary();
    const auto set_texts = [&](const char* key, const std::vector<std::string>& texts) {
      std::vector<const char*> pointers;
      pointers.reserve(texts.size());
      for (const std::string& text : texts) pointers.push_back(text.c_str());
      gguf_set_arr_str(file_.get(), key, pointers.data(), pointers.size());
    };
    gguf_set_val_str(file_.get(), "tokenizer.ggml.model", "gpt2");
    gguf_set_val_str(file_.get(), "tokenizer.ggml.pre", "gpt-2");
    set_texts("tokenizer.ggml.tokens", vocabulary.tokens);
    set_texts("tokenizer.ggml.merges", vocabulary.merges);
    gguf_set_arr_data(file_.get(), "tokenizer.ggml.token_type", GGUF_TYPE_INT32,
                      vocabulary.types.data(), vocabulary.types.size());
    const auto set_id = [&](const char* key, std::int32_t id) {
      gguf_set_val_u32(file_.get(), key, static_cast<std::uint32_t>(id));
    };
    set_id("tokenizer.ggml.bos_token_id", vocabulary.end_of_text);
    set_id("tokenizer.ggml.eos_token_id", vocabulary.message_end);
    gguf_set_val_bool(file_.get(), "tokenizer.ggml.add_bos_token", is_bert());
    if (is_bert()) set_id("tokenizer.ggml.seperator_token_id", vocabulary.message_start);
    gguf_set_val_bool(file_.get(), "tokenizer.ggml.add_sep_token", is_bert());
    if (options_.infill) {
      set_id("tokenizer.ggml.fim_pre_token_id", 1);
      set_id("tokenizer.ggml.fim_suf_token_id", 2);
      set_id("tokenizer.ggml.fim_mid_token_id", 3);
    }
    if (options_.chat_template) {
      gguf_set_val_str(file_.get(), "tokenizer.chat_template", kChatMl);
    }
  }

  void add_weights() {
    const auto words = static_cast<std::int64_t>(tiny_vocabulary().tokens.size());
    add_matrix("token_embd.weight", kEmbedding, words, 1.0F);
    if (is_bert()) {
      add_encoder();
      return;
    }
    add_norm("output_norm.weight");
    // Gemma2 has no output matrix of its own.
    if (options_.architecture != TinyArchitecture::Gemma2) {
      add_matrix("output.weight", kEmbedding, words, 0.5F);
    }
    for (int layer = 0; layer < kLayers; ++layer) {
      prefix_ = "blk." + std::to_string(layer) + ".";
      add_norm("attn_norm.weight");
      if (options_.architecture == TinyArchitecture::Mamba) {
        add_state_layer();
      } else {
        add_attention_layer();
      }
    }
  }

  void add_encoder() {
    add_plain("token_types.weight", kEmbedding, 2, 0.0F, 0.2F);
    add_plain("position_embd.weight", kEmbedding, options_.context_tokens, 0.0F, 0.5F);
    add_full_norm("token_embd_norm");
    for (int layer = 0; layer < kLayers; ++layer) {
      prefix_ = "blk." + std::to_string(layer) + ".";
      for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
        add_linear(name, kEmbedding, kEmbedding);
      }
      add_full_norm("attn_output_norm");
      add_linear("ffn_up", kEmbedding, kFeedForward);
      add_linear("ffn_down", kFeedForward, kEmbedding);
      add_full_norm("layer_output_norm");
    }
    prefix_.clear();
    if (options_.pooling != TinyPooling::Rank) return;
    add_linear("cls", kEmbedding, kEmbedding);
    add_linear("cls.output", kEmbedding, 1);
  }

  void add_linear(const std::string& name, std::int64_t columns, std::int64_t rows) {
    add_matrix((name + ".weight").c_str(), columns, rows, 0.2F);
    add_plain((name + ".bias").c_str(), rows, 0, 0.0F, 0.1F);
  }

  void add_full_norm(const std::string& name) {
    add_norm((name + ".weight").c_str());
    add_plain((name + ".bias").c_str(), kEmbedding, 0, 0.0F, 0.1F);
  }

  void add_attention_layer() {
    add_matrix("attn_q.weight", kEmbedding, kEmbedding, 0.2F);
    add_matrix("attn_k.weight", kEmbedding, kKeyWidth, 0.2F);
    add_matrix("attn_v.weight", kEmbedding, kKeyWidth, 0.2F);
    add_matrix("attn_output.weight", kEmbedding, kEmbedding, 0.2F);
    add_norm("ffn_norm.weight");
    add_matrix("ffn_gate.weight", kEmbedding, kFeedForward, 0.2F);
    add_matrix("ffn_up.weight", kEmbedding, kFeedForward, 0.2F);
    add_matrix("ffn_down.weight", kFeedForward, kEmbedding, 0.2F);
    if (options_.architecture == TinyArchitecture::Gemma2) {
      add_norm("post_attention_norm.weight");
      add_norm("post_ffw_norm.weight");
    }
  }

  void add_state_layer() {
    add_matrix("ssm_in.weight", kEmbedding, 2 * kStateInner, 0.2F);
    add_plain("ssm_conv1d.weight", kStateKernel, kStateInner, 0.0F, 0.5F);
    add_plain("ssm_conv1d.bias", kStateInner, 0, 0.0F, 0.1F);
    add_matrix("ssm_x.weight", kStateInner, kStateRank + 2 * kStateSize, 0.2F);
    add_plain("ssm_dt.weight", kStateRank, kStateInner, 0.0F, 0.2F);
    add_plain("ssm_dt.bias", kStateInner, 0, 0.0F, 0.1F);
    add_plain("ssm_a", kStateSize, kStateInner, -1.0F, 0.5F);
    add_plain("ssm_d", kStateInner, 0, 1.0F, 0.1F);
    add_matrix("ssm_out.weight", kStateInner, kEmbedding, 0.2F);
  }

  void add_norm(const char* name) { add_plain(name, kEmbedding, 0, 1.0F, 0.1F); }

  std::vector<float> noise(std::int64_t count, float middle, float spread) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = middle + spread * noise_.next();
    return values;
  }

  // A tensor that is F32 whatever the options say; columns = 0: a vector.
  void add_plain(const char* name, std::int64_t rows, std::int64_t columns, float middle,
                 float spread) {
    ggml_tensor* tensor = columns == 0
                              ? ggml_new_tensor_1d(tensors_.get(), GGML_TYPE_F32, rows)
                              : ggml_new_tensor_2d(tensors_.get(), GGML_TYPE_F32, rows, columns);
    const std::vector<float> values = noise(ggml_nelements(tensor), middle, spread);
    std::ranges::copy(values, static_cast<float*>(tensor->data));
    add(tensor, name);
  }

  void add_matrix(const char* name, std::int64_t columns, std::int64_t rows, float spread) {
    ggml_tensor* tensor = ggml_new_tensor_2d(tensors_.get(), weight_type(), columns, rows);
    const std::vector<float> values = noise(columns * rows, 0.0F, spread);
    ggml_quantize_chunk(tensor->type, values.data(), tensor->data, /*start=*/0, rows, columns,
                        /*imatrix=*/nullptr);
    add(tensor, name);
  }

  void add(ggml_tensor* tensor, const char* name) {
    ggml_set_name(tensor, (prefix_ + name).c_str());
    const int place = tensor_count_++ % options_.shards;
    gguf_context* file =
        place == 0 ? file_.get() : more_files_[static_cast<std::size_t>(place - 1)].get();
    gguf_add_tensor(file, tensor);
  }

  bool is_bert() const { return options_.architecture == TinyArchitecture::Bert; }

  ggml_type weight_type() const {
    switch (options_.weights) {
      case TinyWeights::F32: return GGML_TYPE_F32;
      case TinyWeights::F16: return GGML_TYPE_F16;
      case TinyWeights::Q80: return GGML_TYPE_Q8_0;
      case TinyWeights::Q40: return GGML_TYPE_Q4_0;
    }
    throw std::runtime_error("no such weights");
  }

  // The numbers of llama_ftype.
  std::uint32_t file_type() const {
    switch (options_.weights) {
      case TinyWeights::F32: return 0;
      case TinyWeights::F16: return 1;
      case TinyWeights::Q80: return 7;
      case TinyWeights::Q40: return 2;
    }
    throw std::runtime_error("no such weights");
  }

  const TinyModelOptions& options_;
  Noise noise_;
  std::string architecture_;
  std::string prefix_;  // of tensor names: "blk.0."
  std::unique_ptr<ggml_context, FreeTensors> tensors_;
  std::unique_ptr<gguf_context, FreeFile> file_;
  std::vector<std::unique_ptr<gguf_context, FreeFile>> more_files_;  // of several
  std::int32_t tensor_count_ = 0;
};

}  // namespace

std::filesystem::path write_tiny_model(const std::filesystem::path& directory,
                                       const TinyModelOptions& options) {
  return Writer(options).write_to(directory);
}

}  // namespace shimmy::support

#include "support/random_model.h"

#include <ggml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <stdexcept>

#include "support/gguf_writer.h"
#include "support/noise.h"

namespace shimmy::support {
namespace {

constexpr std::size_t kSupply = std::size_t{1} << 20;

std::uint64_t elements(const ShapeTensor& tensor) {
  std::uint64_t count = 1;
  for (const std::uint64_t size : tensor.sizes) count *= size;
  return count;
}

// Rows are windows of one long line of random numbers: as good as new ones, and as quick as memory.
class Supply {
 public:
  Supply(std::uint64_t seed, std::size_t longest_row)
      : noise_(seed), numbers_(kSupply + longest_row) {
    // Four uniform numbers make nearly a normal one; sqrt(3 / 4) makes its spread 1.
    for (float& number : numbers_) {
      number = 0.866F * (noise_.next() + noise_.next() + noise_.next() + noise_.next());
    }
  }

  float next() { return numbers_[place()]; }

  // Appends `count` 16-bit floats of a given spread to the bytes.
  void add_row(std::string& bytes, std::size_t count, float spread) {
    const std::vector<ggml_fp16_t>& line = halves(spread);
    bytes.append(reinterpret_cast<const char*>(line.data() + place()), count * sizeof(ggml_fp16_t));
  }

 private:
  std::size_t place() { return noise_.bits() % kSupply; }

  const std::vector<ggml_fp16_t>& halves(float spread) {
    std::vector<ggml_fp16_t>& line = halves_[spread];
    if (!line.empty()) return line;
    std::vector<float> scaled(numbers_);
    for (float& number : scaled) number *= spread;
    line.resize(scaled.size());
    ggml_fp32_to_fp16_row(scaled.data(), line.data(), static_cast<std::int64_t>(scaled.size()));
    return line;
  }

  Noise noise_;
  std::vector<float> numbers_;
  std::map<float, std::vector<ggml_fp16_t>> halves_;  // by spread
};

// What a matrix makes of numbers whose spread is 1: their spread behind it.
float gain(const std::string& name, const Shape& shape) {
  const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
  if (has("attn_q.")) return 2;  // queries that prefer some keys
  const bool gives_logits = name == "output.weight" || (shape.tied && name == "token_embd.weight");
  if (gives_logits) return 3;
  if (name == "token_embd.weight") return std::sqrt(static_cast<float>(shape.embedding));
  return 1;
}

// Of a norm's weights.
float middle(const std::string& name, const Shape& shape) {
  if (name.ends_with("attn_q_norm.weight")) return 2;  // as attn_q has without it
  // Or the embedding, which is large there, outweighs all layers, and each token predicts itself.
  const bool closes_branch = name.find(".post_") != std::string::npos;
  return shape.family == Family::Gemma3 && closes_branch ? 8 : 1;
}

// Those that scale vary about a middle, those that are added about 0.
std::string vector(const ShapeTensor& tensor, const Shape& shape, Supply& supply) {
  const bool scales = tensor.name.ends_with("norm.weight");
  const float centre = scales ? middle(tensor.name, shape) : 0;
  std::vector<float> values(elements(tensor));
  for (float& value : values) value = centre + 0.1F * supply.next();
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

class Writer {
 public:
  Writer(const std::filesystem::path& path, const Shape& shape, std::uint64_t seed)
      : shape_(shape),
        layout_(lay_out(shape)),
        supply_(seed, longest_row(layout_)),
        path_(path),
        file_(path, std::ios::binary) {}

  void write() {
    file_ << layout_.header;
    for (const ShapeTensor& tensor : layout_.tensors) write(tensor);
    file_.close();
    if (!file_) throw std::runtime_error("cannot write " + path_.string());
    std::filesystem::resize_file(path_, layout_.bytes);
  }

 private:
  static std::size_t longest_row(const ShapeFile& layout) {
    std::uint64_t longest = 0;
    for (const ShapeTensor& tensor : layout.tensors) longest = std::max(longest, tensor.sizes[0]);
    return longest;
  }

  void write(const ShapeTensor& tensor) {
    file_.seekp(static_cast<std::streamoff>(tensor.offset));
    if (tensor.sizes.size() == 1) {
      file_ << vector(tensor, shape_, supply_);
      return;
    }
    const std::uint64_t columns = tensor.sizes[0];
    const float spread = gain(tensor.name, shape_) / std::sqrt(static_cast<float>(columns));
    if (tensor.type == kF32) write_floats(elements(tensor), spread);
    else write_halves(elements(tensor) / columns, columns, spread);
  }

  void write_halves(std::uint64_t rows, std::uint64_t columns, float spread) {
    constexpr std::size_t kPiece = std::size_t{4} << 20;
    std::string bytes;
    for (std::uint64_t row = 0; row < rows; ++row) {
      supply_.add_row(bytes, columns, spread);
      if (bytes.size() < kPiece) continue;
      file_ << bytes;
      bytes.clear();
    }
    file_ << bytes;
  }

  void write_floats(std::uint64_t count, float spread) {
    std::vector<float> values(count);
    for (float& value : values) value = spread * supply_.next();
    file_.write(reinterpret_cast<const char*>(values.data()),
                static_cast<std::streamsize>(count * sizeof(float)));
  }

  const Shape& shape_;
  const ShapeFile layout_;
  Supply supply_;
  const std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace

void write_random_model(const std::filesystem::path& path, Shape shape, std::uint64_t seed) {
  if (shape.inner > 0) {
    throw std::runtime_error("no random weights for a shape with states (inner > 0): they explode");
  }
  shape.type = kF16;
  shape.has_tokens = true;
  Writer(path, shape, seed).write();
}

}  // namespace shimmy::support

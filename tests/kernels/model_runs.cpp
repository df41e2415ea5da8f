#include "kernels/model_runs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "support/quantise.h"
#include "support/temp_dir.h"

namespace shimmy::kernels {
namespace {

using support::Rows;
using support::Tokens;

void write(std::ofstream& file, const auto& value) {
  file.write(reinterpret_cast<const char*>(&value), sizeof(value));
}

std::uint64_t read_number(std::ifstream& file) {
  std::uint64_t value = 0;
  file.read(reinterpret_cast<char*>(&value), sizeof(value));
  return value;
}

// In the child: everything that touches ggml.
void run_here(const ModelRun& run, const std::filesystem::path& output) {
  if (!run.level.empty()) setenv("SHIMMY_CPU", run.level.c_str(), 1);
  if (const auto installed = install(run.choice); !installed) {
    throw std::runtime_error(installed.error().message);
  }
  support::ReferenceLoop loop(run.model, run.options);
  const Rows rows = run.work(loop);
  std::ofstream file(output, std::ios::binary);
  write(file, std::uint64_t{usage().products});
  write(file, std::uint64_t{usage().weight_bytes});
  for (const auto& row : rows) {
    write(file, std::uint64_t{row.size()});
    file.write(reinterpret_cast<const char*>(row.data()),
               static_cast<std::streamsize>(row.size() * sizeof(float)));
  }
}

ModelResult read_result(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  ModelResult result;
  result.products = read_number(file);
  result.weight_bytes = read_number(file);
  while (const std::uint64_t size = read_number(file)) {
    std::vector<float> row(size);
    file.read(reinterpret_cast<char*>(row.data()),
              static_cast<std::streamsize>(size * sizeof(float)));
    result.logits.push_back(std::move(row));
  }
  return result;
}

double divergence(const std::vector<float>& row, const std::vector<float>& reference) {
  const std::vector<double> p = log_probabilities(reference);
  const std::vector<double> q = log_probabilities(row);
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += std::exp(p[i]) * (p[i] - q[i]);
  return sum;
}

// Of what `of_row` makes of each row and its reference.
double median(const Rows& rows, const Rows& reference, auto&& of_row) {
  std::vector<double> values;
  values.reserve(reference.size());
  for (std::size_t i = 0; i < reference.size(); ++i) {
    values.push_back(of_row(rows.at(i), reference[i]));
  }
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

void in_child(const std::filesystem::path& model, const std::function<void()>& work) {
  std::fflush(nullptr);  // or the child would print it again
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    int status = 1;
    try {
      work();
      status = 0;
    } catch (const std::exception& exception) {
      std::fprintf(stderr, "model run: %s\n", exception.what());
    }
    std::fflush(nullptr);
    _exit(status);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error("the model run of " + model.string() + " failed");
  }
}

Work along(std::vector<std::string> prompts, Tokens continuation) {
  return [prompts = std::move(prompts),
          continuation = std::move(continuation)](support::ReferenceLoop& loop) {
    std::vector<Tokens> tokens;
    tokens.reserve(prompts.size());
    for (const std::string& prompt : prompts) tokens.push_back(loop.tokenize(prompt));
    Rows rows;
    for (Rows& of_prompt :
         loop.together(tokens, std::vector<Tokens>(prompts.size(), continuation))) {
      std::ranges::move(of_prompt, std::back_inserter(rows));
    }
    return rows;
  };
}

ModelResult run(const ModelRun& run) {
  const support::TempDir directory;
  const std::filesystem::path output = directory.path() / "logits";
  in_child(run.model, [&] { run_here(run, output); });
  return read_result(output);
}

void write_exact(const std::filesystem::path& model, const std::filesystem::path& to) {
  in_child(model, [&] { support::quantise(model, to, "f32", support::Mixture::None); });
}

double normalised_error(const Rows& rows, const Rows& reference) {
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    for (std::size_t k = 0; k < reference[i].size(); ++k) {
      difference += std::pow(static_cast<double>(rows.at(i).at(k)) - reference[i][k], 2);
      size += std::pow(static_cast<double>(reference[i][k]), 2);
    }
  }
  return difference / size;
}

double mean_divergence(const Rows& rows, const Rows& reference) {
  double sum = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) sum += divergence(rows.at(i), reference[i]);
  return sum / static_cast<double>(reference.size());
}

double median_error(const Rows& rows, const Rows& reference) {
  return median(rows, reference, [](const auto& row, const auto& exact) {
    return normalised_error({row}, {exact});
  });
}

double median_divergence(const Rows& rows, const Rows& reference) {
  return median(rows, reference, divergence);
}

std::vector<double> log_probabilities(std::span<const float> logits) {
  const double most = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - most);
  std::vector<double> result;
  for (const float logit : logits) result.push_back(logit - most - std::log(sum));
  return result;
}

}  // namespace shimmy::kernels

#include "scheduler/llama_engine.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "llama/backend.h"
#include "llama/model.h"
#include "support/engine_conformance.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::support {
namespace {

using scheduler::LlamaEngineOptions;

// One model for the whole program: loading is not what is tested here.
std::shared_ptr<const llama::Model> tiny_model() {
  static const llama::Backend backend{base::Logger()};
  static const std::shared_ptr<const llama::Model> model = [] {
    const TempDir directory;
    return llama::Model::load(write_tiny_model(directory.path()), {.access = llama::FileAccess::Read}).value();
  }();
  return model;
}

std::shared_ptr<generation::Engine> engine(LlamaEngineOptions options = {}) {
  options.threads = 1;
  return scheduler::make_llama_engine(tiny_model(), options, base::Logger()).value();
}

generation::Request request(const generation::Engine& engine, const std::string& prompt,
                            int tokens) {
  generation::Request request;
  request.prompt = engine.tokenizer().encode(prompt, true, generation::SpecialText::Plain);
  request.max_tokens = tokens;
  request.ignore_eos = true;
  request.sampling.temperature = 0;
  return request;
}

std::string text_of(generation::Generation& generation) {
  std::string text;
  while (auto event = generation.next()) {
    if (auto* more = std::get_if<generation::TextEvent>(&*event)) text += more->text;
    if (auto* error = std::get_if<base::Error>(&*event)) ADD_FAILURE() << error->message;
  }
  return text;
}

// The tiny model may choose its end token: only ignoring it makes lengths predictable.
class EndlessEngine final : public generation::Engine {
 public:
  explicit EndlessEngine(std::shared_ptr<generation::Engine> inner) : inner_(std::move(inner)) {}
  base::Result<std::unique_ptr<generation::Generation>> submit(
      generation::Request request) override {
    request.ignore_eos = true;
    return inner_->submit(std::move(request));
  }
  const generation::ModelFacts& facts() const override { return inner_->facts(); }
  const generation::Tokenizer& tokenizer() const override { return inner_->tokenizer(); }
  generation::EngineLoad load() const override { return inner_->load(); }
  void drain() override { inner_->drain(); }
  bool wait_idle(std::stop_token stop) override { return inner_->wait_idle(stop); }

 private:
  std::shared_ptr<generation::Engine> inner_;
};

INSTANTIATE_TEST_SUITE_P(Llama, EngineConformance, testing::Values(EngineMaker{[] {
                           return std::make_shared<EndlessEngine>(engine());
                         }}));

TEST(LlamaEngine, KnowsItsModel) {
  const auto made = engine();
  EXPECT_EQ(made->facts().architecture, "llama");
  EXPECT_EQ(made->facts().context_tokens, 2048U);
  EXPECT_GT(made->facts().parameters, 0U);
  EXPECT_FALSE(made->facts().chat_template.empty());
  EXPECT_EQ(made->facts().eos_text, "<|im_end|>");
}

TEST(LlamaEngine, TakesTheContextThatItIsGiven) {
  EXPECT_EQ(engine({.context_tokens = 512})->facts().context_tokens, 512U);
}

TEST(LlamaEngine, RefusesImpossibleOptions) {
  EXPECT_FALSE(
      scheduler::make_llama_engine(tiny_model(), {.max_sequences = 100000}, base::Logger()));
}

TEST(LlamaEngine, RefusesNumbersThatLibllamaCannotHold) {
  constexpr std::size_t kTooMany = (std::size_t{1} << 32U) + 16;
  for (const LlamaEngineOptions& options :
       {LlamaEngineOptions{.context_tokens = kTooMany},
        LlamaEngineOptions{.max_sequences = kTooMany}, LlamaEngineOptions{.threads = kTooMany}}) {
    const auto made = scheduler::make_llama_engine(tiny_model(), options, base::Logger());
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find(std::to_string(kTooMany)), std::string::npos);
  }
}

TEST(LlamaEngine, GivesTheSameTextAloneEveryTime) {
  const auto made = engine();
  const auto run = [&] {
    return text_of(**made->submit(request(*made, "The quick brown fox", 60)));
  };
  const std::string first = run();
  EXPECT_FALSE(first.empty());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(run(), first);
}

TEST(LlamaEngine, GivesTheSameTextForEverySplitOfThePrompt) {
  // Weights of this model are not quantised, so batch shapes hardly matter.
  const std::string prompt(700, 'x');
  const auto run = [&](std::size_t rows) {
    const auto made = engine({.max_rows = rows});
    return text_of(**made->submit(request(*made, prompt, 30)));
  };
  EXPECT_EQ(run(64), run(512));
}

TEST(LlamaEngine, SwapsInsteadOfFailing) {
  const auto made = engine({.context_tokens = 512});
  std::vector<std::unique_ptr<generation::Generation>> generations;
  for (int i = 0; i < 6; ++i) {
    generations.push_back(made->submit(request(*made, "Number " + std::to_string(i), 250)).value());
  }
  for (auto& generation : generations) {
    std::size_t tokens = 0;
    while (auto event = generation->next()) {
      if (auto* end = std::get_if<generation::FinishedEvent>(&*event))
        tokens = end->usage.completion_tokens;
      if (auto* error = std::get_if<base::Error>(&*event)) ADD_FAILURE() << error->message;
    }
    EXPECT_EQ(tokens, 250U);
  }
  EXPECT_TRUE(made->wait_idle());
  EXPECT_EQ(made->load().kv_cells_used, 0U);
}

TEST(LlamaEngine, FillsTheContextToTheBrim) {
  const auto made = engine({.context_tokens = 256});
  auto asked = request(*made, "The quick brown fox", -1);
  auto generation = made->submit(asked).value();
  std::optional<generation::FinishedEvent> end;
  while (auto event = generation->next()) {
    if (auto* finished = std::get_if<generation::FinishedEvent>(&*event)) end = *finished;
  }
  ASSERT_TRUE(end);
  EXPECT_EQ(end->reason, generation::FinishReason::Length);
  EXPECT_EQ(end->usage.prompt_tokens + end->usage.completion_tokens, 256U);
}

TEST(LlamaEngine, RoundTripsText) {
  const auto made = engine();
  const std::string text = "Straße, naïve, 你好, 🙂!";
  std::string back;
  for (const auto token : made->tokenizer().encode(text, false, generation::SpecialText::Plain)) {
    back += made->tokenizer().piece(token);
  }
  EXPECT_EQ(back, text);
}

TEST(LlamaEngine, KeepsSpecialNamesInUserTextPlain) {
  const auto made = engine();
  const auto plain = made->tokenizer().encode("<|im_end|>", false, generation::SpecialText::Plain);
  const auto special =
      made->tokenizer().encode("<|im_end|>", false, generation::SpecialText::Parse);
  EXPECT_GT(plain.size(), 1U);
  ASSERT_EQ(special.size(), 1U);
  EXPECT_TRUE(made->tokenizer().is_end(special[0]));
}

}  // namespace
}  // namespace shimmy::support

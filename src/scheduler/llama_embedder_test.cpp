#include "scheduler/llama_embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "llama/backend.h"
#include "scheduler/llama_engine.h"
#include "support/reference_embedding.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::scheduler {
namespace {

using base::ErrorCode;
using generation::Pooling;
using generation::SpecialText;
using generation::Token;
using support::TinyArchitecture;
using support::TinyPooling;

class LlamaEmbedderTest : public testing::Test {
 protected:
  std::shared_ptr<generation::Engine> engine(TinyArchitecture architecture, TinyPooling pooling,
                                             std::size_t context_tokens = 0) {
    static const llama::Backend backend{base::Logger()};
    support::TinyModelOptions options;
    options.architecture = architecture;
    options.pooling = pooling;
    options.context_tokens = 700;
    file = support::write_tiny_model(directory.path(), options);
    model = llama::Model::load(file, {.access = llama::FileAccess::Read}).value();
    LlamaEngineOptions wanted;
    wanted.threads = 1;
    wanted.context_tokens = context_tokens;
    return make_llama_engine(model, wanted, base::Logger()).value();
  }

  static std::shared_ptr<generation::Embedder> embedder(
      const std::shared_ptr<generation::Engine>& engine) {
    return engine->embedder().value();
  }

  support::TempDir directory;
  std::filesystem::path file;
  std::shared_ptr<const llama::Model> model;
};

TEST_F(LlamaEmbedderTest, AnEncoderLoadsAsAnEngineThatOnlyEmbeds) {
  const auto encoder = engine(TinyArchitecture::Bert, TinyPooling::Mean);
  EXPECT_EQ(encoder->facts().architecture, "bert");
  EXPECT_EQ(encoder->facts().context_tokens, 700U);
  generation::Request request;
  request.prompt = {1, 2};
  EXPECT_EQ(encoder->submit(request).error().code, ErrorCode::InvalidRequest);
  EXPECT_TRUE(encoder->embedder());
}

TEST_F(LlamaEmbedderTest, SaysWhatItMakes) {
  const auto facts = embedder(engine(TinyArchitecture::Bert, TinyPooling::Cls))->facts();
  EXPECT_EQ(facts.dimensions, 64U);
  EXPECT_EQ(facts.pooling, Pooling::Cls);
  EXPECT_EQ(facts.longest_input, 700U);
}

TEST_F(LlamaEmbedderTest, AGenerativeModelWithoutPoolingTakesTheMean) {
  const auto made = embedder(engine(TinyArchitecture::Llama, TinyPooling::None));
  EXPECT_EQ(made->facts().pooling, Pooling::Mean);
  EXPECT_EQ(made->facts().longest_input, 768U);  // the engine's context, as libllama rounds it
}

TEST_F(LlamaEmbedderTest, AnEncoderTakesNoMoreThanItHasPositionsFor) {
  const auto larger = engine(TinyArchitecture::Bert, TinyPooling::Mean, /*context_tokens=*/4096);
  EXPECT_EQ(embedder(larger)->facts().longest_input, 700U);
  const auto smaller = engine(TinyArchitecture::Bert, TinyPooling::Mean, /*context_tokens=*/100);
  EXPECT_EQ(embedder(smaller)->facts().longest_input, 100U);
  EXPECT_EQ(embedder(smaller)->submit({std::vector<Token>(101, 1)}).error().code,
            ErrorCode::ContextOverflow);
}

TEST_F(LlamaEmbedderTest, TheLongestInputIsEmbeddedAsLibllamaDoes) {
  const auto made = embedder(engine(TinyArchitecture::Bert, TinyPooling::Mean));
  const std::vector<Token> longest(700, 5);
  const auto embedding = made->submit({longest}).value();
  const auto vector = embedding->next();
  ASSERT_TRUE(vector && *vector);
  EXPECT_EQ(**vector, support::reference_embeddings(file, {longest}).front());
}

TEST_F(LlamaEmbedderTest, AGenerativeModelStillGenerates) {
  const auto both = engine(TinyArchitecture::Llama, TinyPooling::None);
  const auto embedding = embedder(both)->submit({{1, 2, 3}}).value();
  generation::Request request;
  request.prompt = {1, 2, 3};
  request.max_tokens = 5;
  request.ignore_eos = true;
  const auto generation = both->submit(request).value();
  std::optional<generation::Event> last;
  while (auto event = generation->next()) last = std::move(event);
  EXPECT_TRUE(std::holds_alternative<generation::FinishedEvent>(last.value()));
  EXPECT_TRUE(embedding->next().value());
}

TEST_F(LlamaEmbedderTest, APairHasTheModelsMarks) {
  const auto ranking = engine(TinyArchitecture::Bert, TinyPooling::Rank);
  EXPECT_EQ(embedder(ranking)->facts().dimensions, 1U);
  const std::vector<std::string> documents{"world<|im_end|>", ""};
  const auto pairs = embedder(ranking)->encode_pairs("Hello", documents);
  const auto& vocabulary = support::tiny_vocabulary();
  const auto plain = [&](std::string_view text) {
    return ranking->tokenizer().encode(text, false, SpecialText::Plain);
  };
  std::vector<Token> expected{vocabulary.end_of_text};
  for (const Token token : plain("Hello")) expected.push_back(token);
  expected.push_back(vocabulary.message_start);  // the separator
  std::vector<Token> empty = expected;
  for (const Token token : plain("world<|im_end|>")) expected.push_back(token);
  EXPECT_THAT(pairs, testing::ElementsAre(expected, empty));
}

TEST_F(LlamaEmbedderTest, OnlyARankingModelEncodesPairs) {
  const std::vector<std::string> documents{"a"};
  const auto made = embedder(engine(TinyArchitecture::Bert, TinyPooling::Mean));
  EXPECT_TRUE(made->encode_pairs("q", documents).empty());
}

TEST_F(LlamaEmbedderTest, ARankingModelScoresAsLibllamaDoes) {
  const auto made = embedder(engine(TinyArchitecture::Bert, TinyPooling::Rank));
  const std::vector<std::string> documents{"one word", "some other words", "Hello world"};
  const auto pairs = made->encode_pairs("Hello", documents);
  const auto expected = support::reference_embeddings(file, pairs);
  const auto embedding = made->submit(pairs).value();
  for (const auto& score : expected) {
    const auto actual = embedding->next();
    ASSERT_TRUE(actual && *actual);
    EXPECT_NEAR((*actual)->at(0), score.at(0), 1e-3F);
  }
}

}  // namespace
}  // namespace shimmy::scheduler

// What contexts that pool add to Context, Model and Vocabulary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "llama/shared_model_fixture.h"
#include "support/reference_embedding.h"
#include "support/temp_dir.h"

namespace shimmy::llama {
namespace {

using base::ErrorCode;
using support::TinyArchitecture;
using support::TinyPooling;
using testing::ElementsAre;
using testing::IsEmpty;

class PoolingTest : public testing::Test {
 protected:
  std::shared_ptr<const Model> model(TinyArchitecture architecture, TinyPooling pooling) {
    shared_model();  // starts the backend
    support::TinyModelOptions options;
    options.architecture = architecture;
    options.pooling = pooling;
    file = support::write_tiny_model(directory.path(), options);
    return Model::load(file, {.access = FileAccess::Read}).value();
  }

  static ContextOptions options(Pooling pooling) {
    ContextOptions options;
    options.max_sequences = 4;
    options.pooling = pooling;
    return options;
  }

  static Batch batch_of(const std::vector<std::vector<Token>>& inputs) {
    Batch batch(512);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      for (std::size_t k = 0; k < inputs[i].size(); ++k) {
        batch.add(inputs[i][k], static_cast<Position>(k), static_cast<SequenceId>(i), true);
      }
    }
    return batch;
  }

  support::TempDir directory;
  std::filesystem::path file;
};

TEST_F(PoolingTest, TheFileNamesThePooling) {
  for (const auto& [named, expected] :
       {std::pair{TinyPooling::None, Pooling::None}, std::pair{TinyPooling::Mean, Pooling::Mean},
        std::pair{TinyPooling::Cls, Pooling::Cls}, std::pair{TinyPooling::Last, Pooling::Last},
        std::pair{TinyPooling::Rank, Pooling::Rank}}) {
    const ModelFacts facts = model(TinyArchitecture::Bert, named)->facts();
    EXPECT_EQ(facts.pooling, expected);
    EXPECT_EQ(facts.pooled_size, expected == Pooling::Rank ? 1 : 64);
    EXPECT_TRUE(facts.looks_ahead);
    EXPECT_EQ(facts.rerank_template, "");
  }
  EXPECT_EQ(shared_model()->facts().pooling, Pooling::None);
  EXPECT_FALSE(shared_model()->facts().looks_ahead);
}

TEST_F(PoolingTest, AnEncoderHasNoMemory) {
  const auto context = Context::create(model(TinyArchitecture::Bert, TinyPooling::Mean), nullptr,
                                       options(Pooling::Mean));
  ASSERT_TRUE(context) << context.error().message;
  EXPECT_EQ((*context)->memory().limits().kind, MemoryKind::None);
}

TEST_F(PoolingTest, GivesAVectorForEachSequence) {
  const auto context = Context::create(model(TinyArchitecture::Bert, TinyPooling::Mean), nullptr,
                                       options(Pooling::Mean))
                           .value();
  const std::vector<std::vector<Token>> inputs{some_tokens(7, 1), some_tokens(5, 2)};
  ASSERT_EQ(context->decode(batch_of(inputs)), DecodeStatus::Done);
  const auto expected = support::reference_embeddings(file, inputs);
  EXPECT_GT(support::cosine(copied(context->pooled(0)), expected[0]), 0.9999);
  EXPECT_GT(support::cosine(copied(context->pooled(1)), expected[1]), 0.9999);
  EXPECT_LT(support::cosine(copied(context->pooled(1)), expected[0]), 0.9999);
  EXPECT_THAT(context->pooled(2), IsEmpty());
  EXPECT_THAT(context->pooled(-1), IsEmpty());
}

TEST_F(PoolingTest, GivesNothingBeforeABatchAndAfterARefusedOne) {
  const auto context = Context::create(model(TinyArchitecture::Bert, TinyPooling::Mean), nullptr,
                                       options(Pooling::Mean))
                           .value();
  EXPECT_THAT(context->pooled(0), IsEmpty());
  ASSERT_EQ(context->decode(batch_of({some_tokens(7)})), DecodeStatus::Done);
  EXPECT_EQ(context->pooled(0).size(), 64U);
  EXPECT_EQ(context->decode(batch_of({{-1}})), DecodeStatus::InvalidBatch);
  EXPECT_THAT(context->pooled(0), IsEmpty());
}

TEST_F(PoolingTest, AContextForLogitsPoolsNothing) {
  const auto context = make_context({});
  ASSERT_EQ(context->decode(prompt_batch(some_tokens(4))), DecodeStatus::Done);
  EXPECT_THAT(context->pooled(0), IsEmpty());
}

TEST_F(PoolingTest, ARankIsAScore) {
  const auto context = Context::create(model(TinyArchitecture::Bert, TinyPooling::Rank), nullptr,
                                       options(Pooling::Rank))
                           .value();
  ASSERT_EQ(context->decode(batch_of({some_tokens(7)})), DecodeStatus::Done);
  EXPECT_EQ(context->pooled(0).size(), 1U);
  EXPECT_TRUE(std::isfinite(context->pooled(0)[0]));
}

TEST_F(PoolingTest, RefusesToRankWithoutAClassifierAndToDoElseWithOne) {
  const auto refusal = [this](TinyPooling named, Pooling wanted) {
    return Context::create(model(TinyArchitecture::Bert, named), nullptr, options(wanted))
        .error()
        .param;
  };
  EXPECT_EQ(refusal(TinyPooling::Mean, Pooling::Rank), "pooling");
  EXPECT_EQ(refusal(TinyPooling::Rank, Pooling::Mean), "pooling");
}

// libllama would end the process.
TEST_F(PoolingTest, RefusesBatchesThatDoNotDivideAmongTheSequences) {
  ContextOptions uneven = options(Pooling::Mean);
  uneven.batch_tokens = uneven.micro_batch_tokens = 510;
  ContextOptions large = options(Pooling::Mean);
  large.context_tokens = 256;
  for (const ContextOptions& wanted : {uneven, large}) {
    const auto context =
        Context::create(model(TinyArchitecture::Bert, TinyPooling::Mean), nullptr, wanted);
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().param, "batch_tokens");
    EXPECT_EQ(context.error().code, ErrorCode::InvalidRequest);
  }
}

TEST_F(PoolingTest, MarksOfAPairAreWhatTheFileWants) {
  const auto& names = support::tiny_vocabulary();
  const auto encoder = model(TinyArchitecture::Bert, TinyPooling::Rank);
  const auto marks = encoder->vocabulary().pair_marks();
  EXPECT_THAT(marks.begin, ElementsAre(names.end_of_text));
  EXPECT_THAT(marks.middle, ElementsAre(names.message_start));
  EXPECT_THAT(marks.end, IsEmpty());
  const auto plain = shared_model()->vocabulary().pair_marks();
  EXPECT_THAT(plain.begin, IsEmpty());
  EXPECT_THAT(plain.middle, IsEmpty());
  EXPECT_THAT(plain.end, IsEmpty());
}

}  // namespace
}  // namespace shimmy::llama

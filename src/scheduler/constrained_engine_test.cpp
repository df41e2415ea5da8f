// Constrained generations through a whole engine, over a real model with random weights.
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grammar/compiler.h"
#include "llama/backend.h"
#include "llama/model.h"
#include "scheduler/llama_engine.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::scheduler {
namespace {

using generation::Constraint;
using generation::FinishReason;
using generation::Request;
using Kind = Constraint::Kind;

constexpr const char* kPerson =
    R"({"$defs":{"place":{"type":"object","properties":{"name":{"type":"string","maxLength":6},
        "inside":{"anyOf":[{"$ref":"#/$defs/place"},{"type":"null"}]}},
        "required":["name","inside"],"additionalProperties":false}},
        "type":"object","properties":{"kind":{"enum":["a","bé"]},
        "age":{"type":"integer","minimum":0,"maximum":120},
        "code":{"type":"string","pattern":"^[A-Z]{2}\\d$"},"ok":{"type":"boolean"},
        "where":{"$ref":"#/$defs/place"}},
        "required":["kind","age","code","ok","where"],"additionalProperties":false})";

struct Outcome {
  std::string text;
  std::optional<generation::FinishedEvent> finished;
  std::optional<base::Error> error;
  std::vector<float> logprobs;
};

class ConstrainedEngine : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    backend = std::make_unique<llama::Backend>(base::Logger());
    const support::TempDir directory;
    const auto model =
        llama::Model::load(support::write_tiny_model(directory.path()), {.access = llama::FileAccess::Read})
            .value();
    LlamaEngineOptions options;
    options.threads = 1;
    options.context_tokens = 2048;
    options.max_sequences = 8;
    engine = make_llama_engine(model, options, base::Logger()).value();
    const std::shared_ptr<const generation::Tokenizer> tokenizer(engine, &engine->tokenizer());
    compiler = std::make_unique<grammar::Compiler>(tokenizer);
  }
  static void TearDownTestSuite() {
    compiler.reset();
    engine.reset();
    backend.reset();
  }

  static Request request(const Constraint& constraint, std::uint32_t seed, int max_tokens = 400) {
    Request request;
    request.prompt = engine->tokenizer().encode("Answer:", true, generation::SpecialText::Plain);
    request.max_tokens = max_tokens;
    request.sampling.temperature = 1.5F;
    request.sampling.top_p = 1;
    request.sampling.top_k = 0;
    request.sampling.min_p = 0;
    request.sampling.seed = seed;
    request.sampling.constraint = constraint;
    return request;
  }

  static Outcome outcome(Request request) {
    auto generation = engine->submit(std::move(request));
    if (!generation) return {{}, {}, generation.error(), {}};
    Outcome result;
    while (auto event = (*generation)->next()) {
      if (auto* text = std::get_if<generation::TextEvent>(&*event)) {
        result.text += text->text;
        for (const auto& token : text->tokens) result.logprobs.push_back(token.logprob);
      }
      if (auto* end = std::get_if<generation::FinishedEvent>(&*event)) result.finished = *end;
      if (auto* error = std::get_if<base::Error>(&*event)) result.error = *error;
    }
    return result;
  }

  // Whether the text is a beginning of what the constraint allows; `complete`: and all of it.
  static bool is_allowed(const Constraint& constraint, const std::string& text, bool complete) {
    grammar::Matcher matcher(compiler->compile(constraint).value());
    for (const auto token :
         engine->tokenizer().encode(text, false, generation::SpecialText::Plain)) {
      if (!matcher.accept(token)) return false;
    }
    return !complete || matcher.is_complete();
  }

  static std::unique_ptr<llama::Backend> backend;
  static std::shared_ptr<generation::Engine> engine;
  static std::unique_ptr<grammar::Compiler> compiler;
};

std::unique_ptr<llama::Backend> ConstrainedEngine::backend;
std::shared_ptr<generation::Engine> ConstrainedEngine::engine;
std::unique_ptr<grammar::Compiler> ConstrainedEngine::compiler;

TEST_F(ConstrainedEngine, AlwaysWritesWhatTheSchemaAllows) {
  const Constraint constraint{Kind::JsonSchema, kPerson, true};
  int complete = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const Outcome result = outcome(request(constraint, seed));
    ASSERT_TRUE(result.finished) << (result.error ? result.error->message : "");
    const bool is_whole = result.finished->reason == FinishReason::Stop;
    complete += is_whole ? 1 : 0;
    EXPECT_TRUE(is_allowed(constraint, result.text, is_whole)) << seed << ": " << result.text;
  }
  EXPECT_GT(complete, 50);
}

TEST_F(ConstrainedEngine, WhatIsCutIsABeginning) {
  const Constraint constraint{Kind::JsonSchema, kPerson, true};
  for (int most = 1; most < 20; ++most) {
    const Outcome result = outcome(request(constraint, 5, most));
    ASSERT_TRUE(result.finished);
    EXPECT_EQ(result.finished->reason, FinishReason::Length);
    // A character may be cut, too: then its place is taken by a sign for that.
    std::string text = result.text;
    while (!text.empty() && text.ends_with("\xEF\xBF\xBD")) text.resize(text.size() - 3);
    EXPECT_TRUE(is_allowed(constraint, text, /*complete=*/false)) << text;
  }
}

TEST_F(ConstrainedEngine, EverySamplerKeepsToTheConstraint) {
  const Constraint constraint{Kind::Regex, "(yes|no) \\d{3}"};
  std::vector<Request> requests(7, request(constraint, 3));
  requests[0].sampling.temperature = 0;
  requests[1].sampling.top_k = 40;
  requests[2].sampling.top_k = 1;
  requests[3].sampling.repeat_penalty = 1.5F;
  requests[4].sampling.mirostat = 2;
  requests[5].sampling.temperature = 0;
  requests[5].sampling.presence_penalty = 1;
  requests[6].sampling.top_p = 0.1F;
  for (const Request& one : requests) {
    const Outcome result = outcome(one);
    ASSERT_TRUE(result.finished) << (result.error ? result.error->message : "");
    EXPECT_EQ(result.finished->reason, FinishReason::Stop);
    EXPECT_TRUE(is_allowed(constraint, result.text, /*complete=*/true)) << result.text;
  }
}

TEST_F(ConstrainedEngine, EndsWithoutAnEndTokenWhereNothingMayFollow) {
  for (const bool ignore_end : {false, true}) {
    Request asked = request({Kind::Regex, "ok"}, 1);
    asked.ignore_eos = ignore_end;
    const Outcome result = outcome(asked);
    ASSERT_TRUE(result.finished);
    EXPECT_EQ(result.text, "ok");
    EXPECT_EQ(result.finished->reason, FinishReason::Stop);
    EXPECT_LE(result.finished->usage.completion_tokens, 2U);
  }
}

TEST_F(ConstrainedEngine, MayEndWhereTheTextIsCompleteAndCouldGoOn) {
  Request asked = request({Kind::Regex, "a+"}, 1);
  for (const auto end : engine->tokenizer().end_tokens()) {
    asked.sampling.logit_bias.emplace_back(end, 50.0F);
  }
  const Outcome result = outcome(asked);
  ASSERT_TRUE(result.finished);
  EXPECT_EQ(result.finished->reason, FinishReason::Stop);
  EXPECT_FALSE(result.text.empty());
}

TEST_F(ConstrainedEngine, LogprobsAreThoseOfTheModel) {
  Request asked = request({Kind::Regex, "zq"}, 1);
  asked.logprobs = 0;
  const Outcome result = outcome(asked);
  ASSERT_FALSE(result.logprobs.empty());
  // It had no choice, but the model did not think so.
  for (const float logprob : result.logprobs) EXPECT_LT(logprob, -1.0F);
}

TEST_F(ConstrainedEngine, AConstraintThatCannotBeEnforcedIsRefusedAtOnce) {
  const Outcome result = outcome(request({Kind::JsonSchema, R"({"not":{}})", true}, 1));
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code, base::ErrorCode::InvalidRequest);
  EXPECT_EQ(result.error->param, "schema");
}

TEST_F(ConstrainedEngine, AConstraintThatNoTokenCanKeepFailsOnlyItsRequest) {
  Request stuck = request({Kind::Regex, "[ab]"}, 1);
  stuck.sampling.temperature = 0;
  for (generation::Token token = 0;
       token < static_cast<generation::Token>(engine->tokenizer().size()); ++token) {
    stuck.sampling.logit_bias.emplace_back(token, -std::numeric_limits<float>::infinity());
  }
  const Outcome failed = outcome(stuck);
  ASSERT_TRUE(failed.error);
  EXPECT_EQ(failed.error->code, base::ErrorCode::GenerationFailed);
  EXPECT_EQ(outcome(request({Kind::Regex, "ok"}, 1)).text, "ok");
}

TEST_F(ConstrainedEngine, ReadsGbnfThatOnlyLlamaCppReads) {
  // "." is no part of XGrammar's notation.
  const Outcome result = outcome(request({Kind::Gbnf, "root ::= \"x\" . \"y\""}, 1));
  ASSERT_TRUE(result.finished) << (result.error ? result.error->message : "");
  EXPECT_TRUE(result.text.starts_with("x") && result.text.ends_with("y")) << result.text;
}

TEST_F(ConstrainedEngine, ServesConstraintsAndFreeTextSideBySide) {
  std::vector<std::unique_ptr<generation::Generation>> running;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const Constraint constraint = i % 2 == 0 ? Constraint{Kind::Regex, "[ab]{20}"} : Constraint{};
    running.push_back(engine->submit(request(constraint, i, 40)).value());
  }
  for (std::size_t i = 0; i < running.size(); ++i) {
    std::string text;
    while (auto event = running[i]->next()) {
      if (auto* more = std::get_if<generation::TextEvent>(&*event)) text += more->text;
      EXPECT_FALSE(std::holds_alternative<base::Error>(*event));
    }
    if (i % 2 == 0) {
      EXPECT_EQ(text.find_first_not_of("ab"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace shimmy::scheduler

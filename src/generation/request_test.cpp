#include "generation/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace shimmy::generation {
namespace {

using testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kSmallest = std::numeric_limits<std::int32_t>::min();

Request valid() {
  Request request;
  request.prompt = {1, 2, 3};
  return request;
}

// What is wrong with it; empty when nothing is.
std::string field_at_fault(const Request& request) {
  const base::Result<void> result = validate(request);
  if (result) return "";
  EXPECT_EQ(result.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_THAT(result.error().message, HasSubstr("."));
  return result.error().param;
}

TEST(ValidateRequest, AcceptsTheDefaults) { EXPECT_EQ(field_at_fault(valid()), ""); }

TEST(ValidateRequest, RefusesAnEmptyPrompt) { EXPECT_EQ(field_at_fault({}), "prompt"); }

TEST(ValidateRequest, RefusesTokensThatCannotExist) {
  Request request = valid();
  request.prompt = {1, -1};
  EXPECT_EQ(field_at_fault(request), "prompt");
}

TEST(ValidateRequest, TakesAnyPositiveNumberOfTokensOrMinusOne) {
  for (const std::int32_t count : {-1, 1, 2, kLargest}) {
    Request request = valid();
    request.max_tokens = count;
    EXPECT_EQ(field_at_fault(request), "") << count;
  }
  for (const std::int32_t count : {0, -2, kSmallest}) {
    Request request = valid();
    request.max_tokens = count;
    EXPECT_EQ(field_at_fault(request), "max_tokens") << count;
  }
}

TEST(ValidateRequest, BoundsTheNumberOfLogprobs) {
  for (const std::int32_t count : {0, 1, kMaxLogprobs}) {
    Request request = valid();
    request.logprobs = count;
    EXPECT_EQ(field_at_fault(request), "") << count;
  }
  for (const std::int32_t count : {-1, kMaxLogprobs + 1, kLargest}) {
    Request request = valid();
    request.logprobs = count;
    EXPECT_EQ(field_at_fault(request), "logprobs") << count;
  }
}

template <class Number>
struct Field {
  std::string name;
  Number Sampling::* member;
  std::vector<Number> good;
  std::vector<Number> bad;
};

template <class Number>
void check(const Field<Number>& field) {
  for (const Number value : field.good) {
    Request request = valid();
    request.sampling.*field.member = value;
    EXPECT_EQ(field_at_fault(request), "") << field.name << " = " << value;
  }
  for (const Number value : field.bad) {
    Request request = valid();
    request.sampling.*field.member = value;
    EXPECT_EQ(field_at_fault(request), field.name) << value;
  }
}

class ValidateFraction : public testing::TestWithParam<Field<float>> {};

TEST_P(ValidateFraction, TakesItsRangeWithBothEnds) { check(GetParam()); }

TEST_P(ValidateFraction, RefusesWhatIsNoNumber) {
  for (const float value : {std::nanf(""), -std::nanf(""), kInfinity, -kInfinity}) {
    Request request = valid();
    request.sampling.*GetParam().member = value;
    EXPECT_EQ(field_at_fault(request), GetParam().name) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sampling, ValidateFraction,
    testing::Values(
        Field<float>{"temperature", &Sampling::temperature, {0, -0.0F, 1, 100}, {-0.1F, 100.1F}},
        Field<float>{"top_p", &Sampling::top_p, {0, 0.5F, 1}, {-0.1F, 1.01F}},
        Field<float>{"min_p", &Sampling::min_p, {0, 1}, {-0.1F, 1.01F}},
        Field<float>{"typical_p", &Sampling::typical_p, {0, 1}, {-0.1F, 1.01F}},
        Field<float>{"repeat_penalty", &Sampling::repeat_penalty, {0.01F, 1, 100}, {0, -1, 101}},
        Field<float>{
            "frequency_penalty", &Sampling::frequency_penalty, {-100, 0, 100}, {-101, 101}},
        Field<float>{"presence_penalty", &Sampling::presence_penalty, {-100, 100}, {-101, 101}},
        Field<float>{"dry_multiplier", &Sampling::dry_multiplier, {0, 100}, {-0.1F, 101}},
        Field<float>{"dry_base", &Sampling::dry_base, {1, 100}, {0.9F, 101}},
        Field<float>{"xtc_probability", &Sampling::xtc_probability, {0, 1}, {-0.1F, 1.01F}},
        Field<float>{"xtc_threshold", &Sampling::xtc_threshold, {0, 1}, {-0.1F, 1.01F}},
        Field<float>{"mirostat_tau", &Sampling::mirostat_tau, {0, 100}, {-0.1F, 101}},
        Field<float>{"mirostat_eta", &Sampling::mirostat_eta, {0, 1}, {-0.1F, 1.01F}}),
    [](const auto& tested) { return tested.param.name; });

class ValidateCount : public testing::TestWithParam<Field<std::int32_t>> {};

TEST_P(ValidateCount, TakesItsRangeWithBothEnds) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Sampling, ValidateCount,
    testing::Values(
        Field<std::int32_t>{"top_k", &Sampling::top_k, {0, 1, kLargest}, {-1, kSmallest}},
        Field<std::int32_t>{
            "penalty_last_n", &Sampling::penalty_last_n, {-1, 0, kLargest}, {-2, kSmallest}},
        Field<std::int32_t>{
            "dry_allowed_length", &Sampling::dry_allowed_length, {0, kLargest}, {-1, kSmallest}},
        Field<std::int32_t>{
            "dry_last_n", &Sampling::dry_last_n, {-1, 0, kLargest}, {-2, kSmallest}},
        Field<std::int32_t>{"mirostat", &Sampling::mirostat, {0, 1, 2}, {-1, 3, kLargest}}),
    [](const auto& tested) { return tested.param.name; });

std::string message_of(const Request& request) {
  const base::Result<void> result = validate(request);
  return result ? "" : result.error().message;
}

TEST(ValidateRequest, SaysTheRangeAndTheValueAsTheyWereGiven) {
  Request request = valid();
  request.sampling.top_p = 1.1F;
  EXPECT_EQ(message_of(request), "top_p must be between 0 and 1, but is 1.1.");
  request = valid();
  request.sampling.top_k = -7;
  EXPECT_EQ(message_of(request), "top_k must be at least 0, but is -7.");
  request = valid();
  request.sampling.repeat_penalty = 0;
  EXPECT_EQ(message_of(request), "repeat_penalty must be between 0.01 and 100, but is 0.");
  request = valid();
  request.sampling.temperature = std::nanf("");
  EXPECT_EQ(message_of(request), "temperature must be between 0 and 100, but is nan.");
}

TEST(ValidateLogitBias, TakesNumbersAndMinusInfinity) {
  Request request = valid();
  request.sampling.logit_bias = {{0, 100.0F}, {5, -kInfinity}, {kLargest, 0.0F}};
  EXPECT_EQ(field_at_fault(request), "");
}

TEST(ValidateLogitBias, RefusesTokensThatCannotExist) {
  Request request = valid();
  request.sampling.logit_bias = {{3, 1.0F}, {-1, 1.0F}};
  EXPECT_EQ(field_at_fault(request), "logit_bias");
}

TEST(ValidateLogitBias, RefusesWhatWouldLeaveNoDistribution) {
  for (const float bias : {kInfinity, std::nanf("")}) {
    Request request = valid();
    request.sampling.logit_bias = {{3, bias}};
    EXPECT_EQ(field_at_fault(request), "logit_bias") << bias;
  }
}

TEST(Sampling, StartsWithTheDefaultsThatAreDocumented) {
  const Sampling sampling;
  EXPECT_FLOAT_EQ(sampling.temperature, 0.7F);
  EXPECT_EQ(sampling.top_k, 40);
  EXPECT_FALSE(sampling.seed);
  EXPECT_EQ(sampling.mirostat, 0);
  EXPECT_FLOAT_EQ(sampling.repeat_penalty, 1.0F);
}

}  // namespace
}  // namespace shimmy::generation

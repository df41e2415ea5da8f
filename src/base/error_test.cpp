#include "base/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace shimmy::base {
namespace {

const std::vector<ErrorCode> kAll{ErrorCode::InvalidRequest,   ErrorCode::ModelNotFound,
                                  ErrorCode::ContextOverflow,  ErrorCode::Overloaded,
                                  ErrorCode::Unavailable,      ErrorCode::Cancelled,
                                  ErrorCode::DeadlineExceeded, ErrorCode::ModelLoadFailed,
                                  ErrorCode::GenerationFailed, ErrorCode::Io,
                                  ErrorCode::Internal};

TEST(ErrorCode, HasADifferentNameForEachCode) {
  std::set<std::string_view> names;
  for (const ErrorCode code : kAll) names.insert(name(code));
  EXPECT_EQ(names.size(), kAll.size());
}

TEST(ErrorCode, HasNamesThatFitIntoJsonAndMetrics) {
  for (const ErrorCode code : kAll) {
    EXPECT_EQ(name(code).find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  }
}

TEST(ErrorCode, KeepsTheNamesThatClientsKnow) {
  EXPECT_EQ(name(ErrorCode::InvalidRequest), "invalid_request");
  EXPECT_EQ(name(ErrorCode::ModelNotFound), "model_not_found");
  EXPECT_EQ(name(ErrorCode::GenerationFailed), "generation_failed");
  EXPECT_EQ(name(ErrorCode::ContextOverflow), "context_length_exceeded");
}

TEST(ErrorCode, IsRetryableOnlyWhereTheSameRequestMaySucceedLater) {
  for (const ErrorCode code : kAll) {
    EXPECT_EQ(is_retryable(code), code == ErrorCode::Overloaded || code == ErrorCode::Unavailable)
        << name(code);
  }
}

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::InvalidRequest, "{} is odd.", number);
  return number / 2;
}

TEST(Fail, MakesAFailedResultWithAFormattedMessage) {
  const Result<int> result = half(3);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(result.error().message, "3 is odd.");
  EXPECT_EQ(result.error().details, "");
  EXPECT_EQ(result.error().param, "");
  EXPECT_EQ(half(4), 2);
}

TEST(Fail, PassesOnForeignTextUnformatted) {
  const Result<int> result = fail(ErrorCode::Io, "cannot read {}", std::string("{}{0}%s"));
  EXPECT_EQ(result.error().message, "cannot read {}{0}%s");
}

TEST(FailField, NamesTheField) {
  const Result<void> result = fail_field("messages[0].role", "The role {} is unknown.", "robot");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidRequest);
  EXPECT_EQ(result.error().param, "messages[0].role");
  EXPECT_EQ(result.error().message, "The role robot is unknown.");
}

TEST(Error, IsABugUntilSomebodySaysOtherwise) { EXPECT_EQ(Error{}.code, ErrorCode::Internal); }

}  // namespace
}  // namespace shimmy::base

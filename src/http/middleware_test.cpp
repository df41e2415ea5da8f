#include "http/middleware.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shimmy::http {
namespace {

// Notes in the client's name that it was asked, and says `verdict`.
Middleware step(const std::string& name, Verdict verdict = {}) {
  verdict.headers.push_back({name, "x"});
  return [name, verdict](Request& request) {
    request.client += name;
    return verdict;
  };
}

std::string names(const std::vector<Header>& headers) {
  std::string text;
  for (const Header& header : headers) text += header.name;
  return text;
}

TEST(Middleware, AsksOneAfterTheOther) {
  Request request;
  const Verdict verdict = ask_all({step("a"), step("b"), step("c")}, request);
  EXPECT_FALSE(verdict.answer || verdict.problem);
  EXPECT_EQ(request.client, "abc");
  EXPECT_EQ(names(verdict.headers), "abc");
}

TEST(Middleware, StopsAtTheFirstAnswerOrProblem) {
  Request request;
  Verdict verdict =
      ask_all({step("a"), step("b", {.answer = Response{.status = 204}}), step("c")}, request);
  EXPECT_EQ(verdict.answer.value_or(Response{}).status, 204);
  EXPECT_EQ(request.client, "ab");
  EXPECT_EQ(names(verdict.headers), "ab");
  verdict = ask_all({step("d", {.problem = Problem{.status = 401}}), step("e")}, request);
  EXPECT_EQ(verdict.problem.value_or(Problem{}).status, 401);
  EXPECT_EQ(request.client, "abd");
}

TEST(Middleware, AnEmptyChainLetsEverythingPass) {
  Request request;
  const Verdict verdict = ask_all({}, request);
  EXPECT_FALSE(verdict.answer || verdict.problem);
}

}  // namespace
}  // namespace shimmy::http

#include "api/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_exchange.h"
#include "support/fake_model_control.h"
#include "support/fake_model_provider.h"

namespace shimmy::api {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ModelsTest : public testing::Test {
 protected:
  ModelsTest() {
    models_.add("org/a:q4");
    models_.add("b");
  }

  http::Response reply(const http::Handler& handler, const std::string& capture = {}) {
    http::Request request = support::get_request("/v1/models");
    request.captures = {capture};
    const auto exchange = std::make_shared<support::FakeExchange>(std::move(request));
    handler(exchange);
    return exchange->response().value_or(http::Response{0, {}, {}, {}});
  }

  support::FakeModelProvider models_;
  support::FakeModelControl control_;
  const Dependencies dependencies_{.models = models_, .control = control_, .version = "0.1.0"};
};

TEST_F(ModelsTest, ListsThemForOpenAiClients) {
  const http::Response response = reply(list_models(dependencies_));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, StartsWith(R"({"object":"list","data":[{"id":"b","object":"model",)"
                                        R"("created":1795235379,"owned_by":"shimmy")"));
  EXPECT_THAT(response.body, HasSubstr(R"({"id":"org/a:q4")"));
}

TEST_F(ModelsTest, RetrievesOneByItsId) {
  const http::Response response = reply(retrieve_model(dependencies_), "org/a:q4");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, StartsWith(R"({"id":"org/a:q4","object":"model")"));
}

TEST_F(ModelsTest, AnswersUnknownIdsWith404AndNearNames) {
  const http::Response response = reply(retrieve_model(dependencies_), "org/a");
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr(R"("code":"model_not_found")"));
  EXPECT_THAT(response.body, HasSubstr("There is no model 'org/a'. Near: org/a:q4."));
}

TEST_F(ModelsTest, ListsThemInTheNativeShape) {
  const http::Response response = reply(list_native_models(dependencies_));
  EXPECT_THAT(response.body, StartsWith(R"({"models":[{"id":"b","name":"b",)"
                                        R"("description":"llama model, 134.5M parameters, Q4_1")"));
}

}  // namespace
}  // namespace shimmy::api

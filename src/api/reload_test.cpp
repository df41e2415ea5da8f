#include "api/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_exchange.h"
#include "support/fake_model_control.h"
#include "support/fake_model_provider.h"

namespace shimmy::api {
namespace {

using testing::HasSubstr;

http::Response answer(Reload again) {
  support::FakeModelProvider models;
  support::FakeModelControl control;
  const auto exchange =
      std::make_shared<support::FakeExchange>(support::post_request("/api/reload", ""));
  reload({.models = models, .control = control, .reload = std::move(again)})(exchange);
  return exchange->response().value_or(http::Response{.status = 0});
}

TEST(Reload, TellsWhatHasChanged) {
  const auto response = answer([] {
    return protocol::native::ReloadCard{.changed = {"access.api_keys"}, .needs_restart = {}};
  });
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"("changed":["access.api_keys"])"));
}

TEST(Reload, TellsWhyNothingHas) {
  const auto response = answer([] {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "config.toml:3:1: There is no setting prot.");
  });
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("There is no setting prot."));
}

TEST(Reload, IsUnavailableWhereNobodyCanDoIt) {
  const auto response = answer(no_reload);
  EXPECT_EQ(response.status, 503);
}

}  // namespace
}  // namespace shimmy::api

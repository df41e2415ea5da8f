// One endpoint over a fake engine, asked by hand.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/dependencies.h"
#include "http/exchange.h"
#include "support/fake_exchange.h"
#include "support/fake_model_control.h"
#include "support/fake_model_provider.h"

namespace shimmy::api {

class HandlerTest : public testing::Test {
 protected:
  HandlerTest(std::string path, http::Handler (*make)(const Dependencies&))
      : path_(std::move(path)),
        handler_(make({.models = models_, .control = control_, .version = "0.1.0"})) {}

  // As every server does in the end: what is unanswered then must not live on.
  void TearDown() override {
    for (const auto& exchange : exchanges_) exchange->disconnect();
    EXPECT_EQ(engine_->alive(), 0U);
  }

  std::shared_ptr<support::FakeExchange> ask(const std::string& body) {
    auto exchange = std::make_shared<support::FakeExchange>(support::post_request(path_, body));
    exchanges_.push_back(exchange);
    handler_(exchange);
    exchange->run_tasks();
    return exchange;
  }

  // The status and body of a request that is answered at once.
  std::pair<int, std::string> reply(const std::string& body) {
    const auto exchange = ask(body);
    EXPECT_FALSE(exchange->stream());
    if (!exchange->response()) {
      ADD_FAILURE() << "no answer to " << body;
      return {};
    }
    return {exchange->response()->status, exchange->response()->body};
  }

  // The body of a 400.
  std::string refusal(const std::string& body) {
    const auto [status, text] = reply(body);
    EXPECT_EQ(status, 400) << text;
    return text;
  }

  // To "smol".
  void give_defaults(models::ModelDefaults defaults) {
    api::ServedModel model = models_.acquire("smol").value();
    model.defaults = std::make_shared<const models::ModelDefaults>(std::move(defaults));
    models_.add(std::move(model), models_.find("smol").value());
  }

  std::string sent_prompt(std::size_t request) const {
    return support::ByteTokenizer().text(engine_->requests().at(request).prompt);
  }

  static std::vector<std::string> events(const std::string& bytes) {
    std::vector<std::string> payloads;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t end = bytes.find("\n\n", at);
      if (end == std::string::npos || !bytes.substr(at).starts_with("data: ")) {
        ADD_FAILURE() << "no whole event: " << bytes.substr(at);
        break;
      }
      payloads.push_back(bytes.substr(at + 6, end - at - 6));
      at = end + 2;
    }
    return payloads;
  }

  support::FakeModelProvider models_;
  support::FakeModelControl control_;
  const std::shared_ptr<support::FakeEngine> engine_ = models_.add("smol");

 private:
  std::vector<std::shared_ptr<support::FakeExchange>> exchanges_;
  const std::string path_;
  const http::Handler handler_;
};

}  // namespace shimmy::api

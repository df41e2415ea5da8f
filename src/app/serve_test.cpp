#include "app/serve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>

#include "app/port_check.h"
#include "support/fake_engine.h"
#include "support/gguf_writer.h"
#include "support/notify_socket.h"
#include "support/raw_client.h"
#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using testing::HasSubstr;

class ServeTest : public testing::Test {
 protected:
  ServeTest() {
    options_.bind.port = 0;
    options_.drain_timeout = std::chrono::seconds(5);
    temp_.write("tiny.gguf", support::small_model().bytes());
    parts_.scan = [this] {
      return models::Catalog::scan(std::vector<models::ModelDir>{{temp_.path(), "test"}});
    };
    parts_.engine_factory =
        [this](const pool::LoadRequest&) -> base::Result<std::shared_ptr<generation::Engine>> {
      ++loads_;
      return std::make_shared<support::FakeEngine>();
    };
  }

  // Serves until it is ready.
  int loads_when_ready() {
    std::stop_source stop;
    int loads = 0;
    EXPECT_TRUE(serve(
        options_, parts_,
        [&](const BindAddress&, const OfferedModels&) {
          loads = loads_;
          stop.request_stop();
        },
        stop.get_token()));
    return loads;
  }

  const support::TempDir temp_;
  ServeOptions options_;
  ServeParts parts_;
  int loads_ = 0;
};

TEST_F(ServeTest, AnnouncesItsPortAndStops) {
  std::stop_source stop;
  BindAddress seen;
  bool was_taken = false;
  const auto served = serve(
      options_, parts_,
      [&](const BindAddress& address, const OfferedModels& models) {
        seen = address;
        was_taken = !is_free(address);
        EXPECT_EQ(models.entries.size(), 1U);
        EXPECT_EQ(models.named, "");
        stop.request_stop();
      },
      stop.get_token());
  EXPECT_TRUE(served);
  EXPECT_NE(seen.port, 0);
  EXPECT_TRUE(was_taken);
  EXPECT_TRUE(is_free(seen));
  EXPECT_EQ(loads_, 0);
}

TEST_F(ServeTest, RefusesAModelThatNeedsMoreMemoryThanIsAllowed) {
  options_.model = "tiny";
  options_.memory_budget_bytes = 100;
  const auto served = serve(options_, parts_, [](const BindAddress&, const OfferedModels&) {}, {});
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().reason, "insufficient_memory");
  EXPECT_EQ(loads_, 0);
}

TEST_F(ServeTest, ServesOnAUnixSocket) {
  options_.bind.unix_path = (temp_.path() / "shimmy.sock").string();
  std::stop_source stop;
  BindAddress seen;
  EXPECT_TRUE(serve(
      options_, parts_,
      [&](const BindAddress& address, const OfferedModels&) {
        seen = address;
        EXPECT_TRUE(std::filesystem::is_socket(options_.bind.unix_path));
        stop.request_stop();
      },
      stop.get_token()));
  EXPECT_EQ(seen.unix_path, options_.bind.unix_path);
  EXPECT_FALSE(std::filesystem::exists(options_.bind.unix_path));
}

TEST_F(ServeTest, TellsTheServiceManagerHowItIs) {
  const std::string path = (temp_.path() / "notify").string();
  const support::NotifySocket manager(path);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  std::stop_source stop;
  EXPECT_TRUE(serve(
      options_, parts_,
      [&](const BindAddress& address, const OfferedModels&) {
        EXPECT_EQ(manager.received(), "READY=1\nSTATUS=Serving on " + to_string(address) + ".");
        stop.request_stop();
      },
      stop.get_token()));
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_THAT(manager.received(), testing::StartsWith("STOPPING=1\n"));
}

TEST_F(ServeTest, LoadsTheNamedModelFirst) {
  options_.model = "tiny";
  EXPECT_EQ(loads_when_ready(), 1);
}

TEST_F(ServeTest, AnswersThatItIsNotReadyWhileTheModelLoads) {
  options_.model = "tiny";
  options_.bind.unix_path = (temp_.path() / "shimmy.sock").string();
  std::promise<int> answer;
  const auto factory = parts_.engine_factory;
  parts_.engine_factory = [&](const pool::LoadRequest& request) {
    support::RawClient client(options_.bind.unix_path);
    client.send("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto response = client.read_response();
    answer.set_value(response ? response->status : 0);
    return factory(request);
  };
  std::stop_source stop;
  EXPECT_TRUE(serve(
      options_, parts_, [&](const BindAddress&, const OfferedModels&) { stop.request_stop(); },
      stop.get_token()));
  EXPECT_EQ(answer.get_future().get(), 503);
}

TEST_F(ServeTest, RefusesAChatTemplateThatIsNone) {
  for (const char* text : {"nosuchfamily", "{% if %}"}) {
    options_.rules.usual.chat_template = text;
    const auto served =
        serve(options_, parts_, [](const BindAddress&, const OfferedModels&) { FAIL(); }, {});
    ASSERT_FALSE(served) << text;
    EXPECT_THAT(served.error().message, HasSubstr("template")) << text;
  }
}

TEST_F(ServeTest, RefusesUnknownModel) {
  options_.model = "tinny";
  const auto served =
      serve(options_, parts_, [](const BindAddress&, const OfferedModels&) { FAIL(); }, {});
  ASSERT_FALSE(served);
  EXPECT_THAT(served.error().message, HasSubstr("Did you mean tiny?"));
}

TEST_F(ServeTest, NamesFreePortWhenItsOwnIsTaken) {
  std::stop_source stop;
  EXPECT_TRUE(serve(
      options_, parts_,
      [&](const BindAddress& address, const OfferedModels&) {
        ServeOptions same = options_;
        same.bind = address;
        const auto second =
            serve(same, parts_, [](const BindAddress&, const OfferedModels&) { FAIL(); }, {});
        EXPECT_FALSE(second);
        if (!second) {
          EXPECT_THAT(second.error().details, HasSubstr("is free: shimmy serve --port"));
        }
        stop.request_stop();
      },
      stop.get_token()));
}

int status_with_key(std::uint16_t port, const std::string& key) {
  support::RawClient client(port);
  client.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx-api-key: " + key + "\r\n\r\n");
  const auto response = client.read_response();
  return response ? response->status : 0;
}

TEST_F(ServeTest, ReadsItsConfigurationAgainOnHangup) {
  options_.access.api_keys = {"old-key"};
  ServeOptions fresh = options_;
  fresh.access.api_keys = {"new-key"};
  std::promise<std::function<void()>> hangup;
  bool is_let_go = false;
  bool is_told = false;
  parts_.read_options = [&] { return fresh; };
  parts_.options_changed = [&](const ServeOptions&) { is_told = true; };
  parts_.on_hangup = [&](std::function<void()> reload) {
    if (reload) hangup.set_value(std::move(reload));
    else is_let_go = true;
  };
  std::stop_source stop;
  std::thread client;
  EXPECT_TRUE(serve(
      options_, parts_,
      [&](const BindAddress& address, const OfferedModels&) {
        client = std::thread([&, port = address.port] {
          const auto reload = hangup.get_future().get();
          EXPECT_EQ(status_with_key(port, "old-key"), 200);
          EXPECT_EQ(status_with_key(port, "new-key"), 401);
          reload();
          EXPECT_EQ(status_with_key(port, "old-key"), 401);
          EXPECT_EQ(status_with_key(port, "new-key"), 200);
          stop.request_stop();
        });
      },
      stop.get_token()));
  client.join();
  EXPECT_TRUE(is_told);
  EXPECT_TRUE(is_let_go);
}

TEST_F(ServeTest, ChangesNothingByAConfigurationWithMistakes) {
  options_.access.api_keys = {"old-key"};
  ServeOptions fresh = options_;
  fresh.access.api_keys = {"new-key"};
  fresh.rules.usual.chat_template = "{% if %}";
  std::promise<std::function<void()>> hangup;
  parts_.read_options = [&] { return fresh; };
  parts_.on_hangup = [&](std::function<void()> reload) {
    if (reload) hangup.set_value(std::move(reload));
  };
  std::stop_source stop;
  std::thread client;
  EXPECT_TRUE(serve(
      options_, parts_,
      [&](const BindAddress& address, const OfferedModels&) {
        client = std::thread([&, port = address.port] {
          hangup.get_future().get()();
          EXPECT_EQ(status_with_key(port, "old-key"), 200);
          stop.request_stop();
        });
      },
      stop.get_token()));
  client.join();
}

TEST_F(ServeTest, LoadsTheListedModelsFirstAndServesWithoutThoseItLacks) {
  options_.preload = {"nosuch", "tiny"};
  EXPECT_EQ(loads_when_ready(), 1);
}

}  // namespace
}  // namespace shimmy::app

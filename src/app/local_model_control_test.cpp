#include "app/local_model_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/fake_engine.h"
#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using base::ErrorCode;
using pool::ModelState;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

class LocalModelControlTest : public testing::Test {
 protected:
  static base::Result<models::FileFacts> read(const std::filesystem::path& file) {
    if (file.stem() == "broken") {
      return base::fail(ErrorCode::ModelLoadFailed, "{} is broken.", file.string());
    }
    return models::FileFacts{};
  }
  models::Catalog scan() {
    return models::Catalog::scan(std::vector<models::ModelDir>{{temp_.path(), "test"}}, read);
  }
  base::Result<pool::ModelStatus> load(const models::LoadOptions& options = {}) {
    return control_.load("first", options, {}, {});
  }

  const support::TempDir temp_;
  const std::filesystem::path first_ = temp_.write("first.gguf", "");
  support::FakeClock clock_;
  std::vector<models::LoadOptions> loads_;
  pool::ModelPool pool_{
      [this](
          const pool::LoadRequest& request) -> base::Result<std::shared_ptr<generation::Engine>> {
        loads_.push_back(request.options);
        if (request.progress) request.progress(0.5F);
        return std::make_shared<support::FakeEngine>();
      },
      clock_};
  LocalModels models_{[this] { return scan(); }, pool_, clock_};
  LocalModelControl control_{models_, pool_};
};

TEST_F(LocalModelControlTest, LoadsByName) {
  float seen = 0;
  const auto status = control_.load("FIRST", {.context_tokens = 512},
                                    [&](float done) {
                                      seen = done;
                                      return true;
                                    },
                                    {});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->name, "first");
  EXPECT_EQ(status->state, ModelState::Ready);
  ASSERT_EQ(loads_.size(), 1U);
  EXPECT_EQ(loads_[0].context_tokens, 512U);
  EXPECT_EQ(models_.loaded(), 1U);
}

TEST_F(LocalModelControlTest, UnloadsByName) {
  ASSERT_TRUE(load());
  const auto status = control_.unload("first", api::Unload::Drain, {});
  ASSERT_TRUE(status);
  EXPECT_EQ(status->state, ModelState::Unloaded);
  EXPECT_EQ(models_.loaded(), 0U);
}

TEST_F(LocalModelControlTest, ForceCutsWhatRuns) {
  auto served = models_.acquire("first");
  ASSERT_TRUE(served);
  std::stop_source leaving;
  leaving.request_stop();
  EXPECT_EQ(control_.unload("first", api::Unload::Drain, leaving.get_token())->state,
            ModelState::Draining);
  served->engine.reset();
  EXPECT_EQ(control_.unload("first", api::Unload::Force, {})->state, ModelState::Unloaded);
}

TEST_F(LocalModelControlTest, NamesThatAreNotKnownAreRefused) {
  EXPECT_EQ(control_.load("nosuch", {}, {}, {}).error().code, ErrorCode::ModelNotFound);
  EXPECT_EQ(control_.unload("nosuch", api::Unload::Drain, {}).error().code,
            ErrorCode::ModelNotFound);
  EXPECT_EQ(control_.status("nosuch").error().code, ErrorCode::ModelNotFound);
}

TEST_F(LocalModelControlTest, OptionsThatMakeNoSenseAreRefusedByName) {
  EXPECT_EQ(load({.context_tokens = 0}).error().param, "ctx");
  EXPECT_EQ(load({.parallel = 0}).error().param, "parallel");
  EXPECT_EQ(load({.gpu_layers = -2}).error().param, "gpu_layers");
  EXPECT_EQ(load({.keep_alive = models::KeepAlive{-1s}}).error().param, "keep_alive");
  EXPECT_THAT(loads_, IsEmpty());
  EXPECT_TRUE(load({.gpu_layers = -1, .keep_alive = models::KeepAlive{0s}}));
}

TEST_F(LocalModelControlTest, StatusIsOfOneOrOfAllThatAreInUse) {
  temp_.write("second.gguf", "");
  EXPECT_EQ(control_.status("first")->state, ModelState::Unloaded);
  EXPECT_THAT(control_.statuses(), IsEmpty());
  ASSERT_TRUE(load());
  EXPECT_EQ(control_.status("first")->state, ModelState::Ready);
  ASSERT_EQ(control_.statuses().size(), 1U);
  EXPECT_EQ(control_.statuses()[0].name, "first");
}

TEST_F(LocalModelControlTest, DiscoversWhatIsNewGoneAndBroken) {
  models_.catalog();
  temp_.write("second.gguf", "");
  temp_.write("broken.gguf", "");
  std::filesystem::remove(first_);
  const api::Discovery found = control_.discover();
  EXPECT_THAT(found.added, ElementsAre("second"));
  EXPECT_THAT(found.removed, ElementsAre("first"));
  ASSERT_EQ(found.models.size(), 1U);
  EXPECT_EQ(found.models[0].name, "second");
  ASSERT_EQ(found.broken.size(), 1U);
  EXPECT_EQ(found.broken[0].name, "broken");
  const api::Discovery again = control_.discover();
  EXPECT_THAT(again.added, IsEmpty());
  EXPECT_THAT(again.removed, IsEmpty());
  EXPECT_EQ(again.broken.size(), 1U);
}

}  // namespace
}  // namespace shimmy::app

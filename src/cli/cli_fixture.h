// What the tests of commands share: captured streams, a directory with a model, an engine of lies.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/services.h"
#include "cli/terminal.h"
#include "support/fake_engine.h"
#include "support/fake_http_client.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace shimmy::cli {

class CliFixture : public testing::Test {
 protected:
  CliFixture() {
    services_.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    services_.scan = [this](std::span<const std::string>) {
      return models::Catalog::scan(std::vector<models::ModelDir>{{temp_.path(), "test"}});
    };
    services_.engine_factory = [this](const app::ModelOptions& options) {
      engine_options_ = options;
      return factory();
    };
    services_.server_settings = [this] { return server_settings_; };
    services_.encode_prompt = app::encode_prompt;
    services_.devices = [] { return std::vector<app::Device>{{"cpu", "CPU", "A fast one", 1, 1}}; };
    services_.kernel_use = [this] { return kernel_use_; };
    services_.stop = [this] { return stop_.get_token(); };
    services_.renewed_stop = services_.stop;
    services_.http = http_;
  }

  pool::EngineFactory factory() {
    return
        [this](
            const pool::LoadRequest& request) -> base::Result<std::shared_ptr<generation::Engine>> {
          ++loads_;
          request.progress(0.5F);
          if (load_error_) return std::unexpected(*load_error_);
          return engine_;
        };
  }

  void add_model(const std::string& name) {
    temp_.write(name + ".gguf", support::small_model().bytes());
  }

  // "Hello", " world", the end.
  void script_hello() {
    generation::FinishedEvent finished;
    finished.usage = {10, 3, 0};
    finished.timings = {1, 100, 200, 101};
    engine_->script({support::text_event("Hello"), support::text_event(" world"), finished});
  }

  const support::TempDir temp_;
  std::map<std::string, std::string, std::less<>> environment_;
  std::shared_ptr<support::FakeEngine> engine_ = std::make_shared<support::FakeEngine>();
  const std::shared_ptr<support::FakeHttpClient> http_ =
      std::make_shared<support::FakeHttpClient>();  // no server runs unless a test says so
  std::optional<base::Error> load_error_;
  int loads_ = 0;
  app::ModelOptions engine_options_;  // of the last factory
  base::Result<app::KernelUse> kernel_use_ = app::KernelUse{"ggml", "", {}};
  base::Result<app::ServeOptions> server_settings_;
  std::stop_source stop_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Terminal terminal_{in_, out_, err_};
  Services services_;
};

}  // namespace shimmy::cli

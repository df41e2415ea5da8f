#include "api/generate.h"

#include <cstdint>
#include <utility>

#include "api/event_stream.h"
#include "api/keep_alive.h"
#include "api/replies.h"
#include "api/request_defaults.h"
#include "api/token_text.h"
#include "api/usage_sum.h"
#include "protocol/native/errors.h"
#include "protocol/native/generate_answer.h"

namespace shimmy::api {
namespace {

namespace native = protocol::native;

using base::Result;
using generation::FinishedEvent;
using generation::TextEvent;

class GenerateStream final : public Outlet {
 public:
  void begin(http::Exchange& exchange, std::function<void()> go_on) override {
    stream_.open(exchange, std::move(go_on));
  }

  void text(std::size_t /*choice*/, const TextEvent& text) override {
    if (!text.text.empty()) stream_.write(native::encode_generate_chunk(text.text));
  }

  void finished(std::size_t /*choice*/, const FinishedEvent& finished) override {
    finished_ = finished;
    usage_.add(finished);
  }

  void completed(http::Exchange& exchange) override {
    usage_.note(exchange);
    stream_.finish(native::encode_generate_end(finished_));
  }

  void failed(http::Exchange& /*exchange*/, const base::Error& error) override {
    stream_.finish(native::encode_generate_error(error));
  }

  bool is_full() const override { return stream_.is_full(); }

 private:
  FinishedEvent finished_;
  UsageSum usage_;
  EventStream stream_;
};

class GenerateAnswer final : public Outlet {
 public:
  explicit GenerateAnswer(std::string model) : model_(std::move(model)) {}

  void begin(http::Exchange& /*exchange*/, std::function<void()> /*go_on*/) override {}

  void text(std::size_t /*choice*/, const TextEvent& text) override { text_ += text.text; }

  void finished(std::size_t /*choice*/, const FinishedEvent& finished) override {
    finished_ = finished;
    usage_.add(finished);
  }

  void completed(http::Exchange& exchange) override {
    usage_.note(exchange);
    exchange.respond(json_response(native::encode_generate_answer(model_, text_, finished_)));
  }

  void failed(http::Exchange& exchange, const base::Error& error) override {
    exchange.respond(error_response(native::encode_error(error)));
  }

  bool is_full() const override { return false; }

 private:
  const std::string model_;
  std::string text_;
  FinishedEvent finished_;
  UsageSum usage_;
};

Result<void> start(const std::shared_ptr<http::Exchange>& exchange, ModelProvider& models) {
  auto wanted = native::decode_generate_request(exchange->request().body);
  if (!wanted) return std::unexpected(std::move(wanted).error());
  const bool streams = wanted->stream;
  std::string name = wanted->model;
  exchange->note("model", name);
  auto plan = plan_generate(models, exchange->request().body, std::move(*wanted));
  if (!plan) return std::unexpected(std::move(plan).error());
  plan->prompt.request.client = exchange->request().client;
  auto generations = submit(*plan->model.engine, plan->prompt.request, 1, "prompt");
  if (!generations) return std::unexpected(std::move(generations).error());
  exchange->charge(static_cast<std::int64_t>(plan->prompt.request.prompt.size()));
  std::unique_ptr<Outlet> outlet;
  if (streams) outlet = std::make_unique<GenerateStream>();
  else outlet = std::make_unique<GenerateAnswer>(std::move(name));
  deliver(exchange, plan->model.engine, std::move(*generations), std::move(outlet));
  return {};
}

}  // namespace

Result<GeneratePlan> plan_generate(ModelProvider& models, std::string_view body,
                                   native::GenerateRequest wanted) {
  auto model =
      models.acquire(wanted.model, {.keep_alive = keep_alive_of(wanted.keep_alive_seconds)});
  if (!model) return std::unexpected(std::move(model).error());
  if (const auto defaults = request_defaults(*model)) {
    auto again = native::decode_generate_request(body, *defaults);
    if (!again) return std::unexpected(std::move(again).error());
    wanted = std::move(*again);
  }
  // Text is all that this API has: thoughts stay in it.
  wanted.conversation.separates_reasoning = false;
  const bool is_plain = wanted.conversation.messages.size() == 1 && !wanted.prompt.empty();
  if (!wanted.raw && (model->is_chat_model || !is_plain)) {
    auto prompt = prepare_chat(*model, wanted.conversation, std::move(wanted.generation));
    if (!prompt) return std::unexpected(std::move(prompt).error());
    return GeneratePlan{std::move(*model), std::move(*prompt)};
  }
  auto tokens = tokens_of(wanted.prompt, model->engine->tokenizer(), "prompt");
  if (!tokens) return std::unexpected(std::move(tokens).error());
  wanted.generation.prompt = std::move(*tokens);
  wanted.generation.sampling.constraint = std::move(wanted.conversation.output);
  return GeneratePlan{std::move(*model), {chat::plain_format(), std::move(wanted.generation)}};
}

http::Handler generate(const Dependencies& dependencies) {
  return [&models = dependencies.models](const std::shared_ptr<http::Exchange>& exchange) {
    if (const auto started = start(exchange, models); !started)
      exchange->respond(error_response(native::encode_error(started.error())));
  };
}

}  // namespace shimmy::api

#include "api/completion_outlets.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/event_stream.h"
#include "api/replies.h"
#include "api/usage_sum.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

using generation::FinishedEvent;
using generation::TextEvent;
using openai::CompletionChoice;

void add(UsageSum& usage, bool is_first_of_prompt, const FinishedEvent& finished) {
  if (is_first_of_prompt) {
    usage.add_prompt(finished);
  } else {
    usage.add(finished);
  }
}

class CompletionStream final : public Outlet {
 public:
  CompletionStream(const openai::CompletionHead& head, CompletionPlan plan)
      : plan_(std::move(plan)), writer_(head, plan_.prefixes.size() * plan_.choices) {}

  void begin(http::Exchange& exchange, std::function<void()> go_on) override {
    stream_.open(exchange, std::move(go_on));
    if (!plan_.echo || plan_.scores_prompt) return;
    for (std::size_t i = 0; i < plan_.prefixes.size() * plan_.choices; ++i)
      stream_.write(writer_.piece(i, plan_.prefixes[i / plan_.choices], {}));
  }

  void prompt(std::size_t choice, const generation::PromptEvent& prompt) override {
    stream_.write(writer_.piece(choice, plan_.prefixes[choice / plan_.choices], prompt.tokens,
                                /*without_first=*/true));
  }

  void text(std::size_t choice, const TextEvent& text) override {
    stream_.write(writer_.piece(choice, text.text, text.tokens));
  }

  void finished(std::size_t choice, const FinishedEvent& finished) override {
    stream_.write(writer_.finish(choice, finished.reason));
    add(usage_, choice % plan_.choices == 0, finished);
  }

  void completed(http::Exchange& exchange) override {
    usage_.note(exchange);
    stream_.finish(writer_.end(usage_.total()));
  }

  void failed(http::Exchange& /*exchange*/, const base::Error& error) override {
    stream_.finish(openai::encode_stream_error(error));
  }

  bool is_full() const override { return stream_.is_full(); }

 private:
  const CompletionPlan plan_;
  openai::CompletionChunkWriter writer_;
  UsageSum usage_;
  EventStream stream_;
};

double mean_logprob(const CompletionChoice& choice) {
  double sum = 0;
  for (const generation::GeneratedToken& token : choice.tokens) sum += token.logprob;
  return choice.tokens.empty() ? 0 : sum / static_cast<double>(choice.tokens.size());
}

class CompletionAnswer final : public Outlet {
 public:
  CompletionAnswer(openai::CompletionHead head, CompletionPlan plan)
      : head_(std::move(head)),
        plan_(std::move(plan)),
        generated_(plan_.prefixes.size() * plan_.best_of) {}

  void begin(http::Exchange& /*exchange*/, std::function<void()> /*go_on*/) override {}

  void prompt(std::size_t choice, const generation::PromptEvent& prompt) override {
    generated_[choice].prompt_tokens = prompt.tokens;
  }

  void text(std::size_t choice, const TextEvent& text) override {
    CompletionChoice& generated = generated_[choice];
    generated.text += text.text;
    generated.tokens.insert(generated.tokens.end(), text.tokens.begin(), text.tokens.end());
  }

  void finished(std::size_t choice, const FinishedEvent& finished) override {
    generated_[choice].reason = finished.reason;
    add(usage_, choice % plan_.best_of == 0, finished);
  }

  void completed(http::Exchange& exchange) override {
    usage_.note(exchange);
    exchange.respond(
        json_response(openai::encode_completion_answer(head_, chosen(), usage_.total())));
  }

  void failed(http::Exchange& exchange, const base::Error& error) override {
    exchange.respond(error_response(openai::encode_error(error)));
  }

  bool is_full() const override { return false; }

 private:
  std::vector<CompletionChoice> chosen() {
    std::vector<CompletionChoice> choices;
    for (std::size_t prompt = 0; prompt < plan_.prefixes.size(); ++prompt) {
      const auto first = generated_.begin() + static_cast<std::ptrdiff_t>(prompt * plan_.best_of);
      const auto last = first + static_cast<std::ptrdiff_t>(plan_.best_of);
      if (plan_.best_of > plan_.choices)
        std::stable_sort(first, last, [](const CompletionChoice& a, const CompletionChoice& b) {
          return mean_logprob(a) > mean_logprob(b);
        });
      for (auto choice = first; choice != first + static_cast<std::ptrdiff_t>(plan_.choices);
           ++choice) {
        choice->text.insert(0, plan_.prefixes[prompt]);
        choices.push_back(std::move(*choice));
      }
    }
    return choices;
  }

  const openai::CompletionHead head_;
  const CompletionPlan plan_;
  std::vector<CompletionChoice> generated_;
  UsageSum usage_;
};

}  // namespace

std::unique_ptr<Outlet> completion_stream(const openai::CompletionHead& head, CompletionPlan plan) {
  return std::make_unique<CompletionStream>(head, std::move(plan));
}

std::unique_ptr<Outlet> completion_answer(openai::CompletionHead head, CompletionPlan plan) {
  return std::make_unique<CompletionAnswer>(std::move(head), std::move(plan));
}

}  // namespace shimmy::api

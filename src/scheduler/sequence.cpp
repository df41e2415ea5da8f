#include "scheduler/sequence.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace shimmy::scheduler {

using base::ErrorCode;
using generation::FinishReason;
using generation::GeneratedToken;

Sequence::Sequence(Submission submission)
    : request(std::move(submission.request)),
      outbox(std::move(submission.outbox)),
      submitted(submission.submitted),
      tokens(request.prompt),
      place(std::move(submission.place)),
      sampler_(std::move(submission.sampler)),
      text_(request.stop),
      last_token_(submitted) {}

void Sequence::advance(std::span<const float> logits, const generation::Tokenizer& tokenizer,
                       std::size_t capacity, const base::Clock& clock) {
  const auto token = sampler_->sample(logits);
  if (!token) return fail(token.error());
  last_token_ = clock.now();
  if (!first_token_) first_token_ = last_token_;
  tokens.push_back(*token);
  ++generated;
  if (tokenizer.is_end(*token)) return finish(FinishReason::Stop);

  GeneratedToken shown{*token, {}, 0, {}};
  if (request.logprobs) {
    const auto rivals = static_cast<std::size_t>(*request.logprobs);
    shown = with_logprobs(*token, logits, rivals, tokenizer);
  }
  const auto& visible = request.visible_specials;
  const bool is_visible = std::ranges::find(visible, *token) != visible.end();
  shown.bytes = tokenizer.piece(*token, /*show_special=*/is_visible);
  auto [event, stop] = text_.push(std::move(shown));
  if (event) outbox->push(std::move(*event));
  if (stop) return finish(FinishReason::Stop, std::move(*stop));
  if (sampler_->is_finished()) return finish(FinishReason::Stop);
  const bool at_limit =
      request.max_tokens > 0 && generated == static_cast<std::size_t>(request.max_tokens);
  if (at_limit || tokens.size() >= capacity) finish(FinishReason::Length);
}

void Sequence::finish(FinishReason reason, std::string stop) {
  if (stop.empty()) {
    if (auto rest = text_.flush()) outbox->push(std::move(*rest));
  }
  outbox->push(summary(reason, std::move(stop)));
  done = true;
}

void Sequence::fail(base::Error error) {
  outbox->push(std::move(error));
  done = true;
}

generation::FinishedEvent Sequence::summary(FinishReason reason, std::string stop) const {
  using base::milliseconds;
  generation::FinishedEvent event{reason, std::move(stop), {}, {}};
  event.usage = {request.prompt.size(), generated, 0};
  const auto begin = started.value_or(submitted);
  const auto first = first_token_.value_or(begin);
  event.timings = {milliseconds(begin - submitted), milliseconds(first - begin),
                   milliseconds(last_token_ - first), milliseconds(first - submitted)};
  return event;
}

}  // namespace shimmy::scheduler

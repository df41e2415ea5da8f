#include "scheduler/sequence.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace shimmy::scheduler {

using base::ErrorCode;
using generation::FinishReason;
using generation::GeneratedToken;
using generation::Token;

namespace {

bool contains(const std::vector<Token>& tokens, Token token) {
  return std::ranges::find(tokens, token) != tokens.end();
}

}  // namespace

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
  if (request.prompt_logprobs && generated == 0) tell_scores(tokenizer);
  if (request.max_tokens == 0) {
    last_token_ = clock.now();
    return finish(FinishReason::Length);
  }
  const auto token = sampler_->sample(logits);
  if (!token) return fail(token.error());
  last_token_ = clock.now();
  if (!first_token_) first_token_ = last_token_;
  tokens.push_back(*token);
  ++generated;
  if (tokenizer.is_end(*token) || contains(request.stop_tokens, *token))
    return finish(FinishReason::Stop);

  GeneratedToken shown{*token, {}, 0, {}};
  if (request.logprobs) {
    const auto rivals = static_cast<std::size_t>(*request.logprobs);
    shown = with_logprobs(*token, logits, rivals, tokenizer);
  }
  shown.bytes = tokenizer.piece(*token, contains(request.visible_specials, *token));
  auto [event, stop] = text_.push(std::move(shown));
  if (event) outbox->push(std::move(*event));
  if (stop) return finish(FinishReason::Stop, std::move(*stop));
  if (sampler_->is_finished()) return finish(FinishReason::Stop);
  const bool at_limit =
      request.max_tokens > 0 && generated == static_cast<std::size_t>(request.max_tokens);
  if (at_limit || tokens.size() >= capacity) finish(FinishReason::Length);
}

// A prompt that is computed again after a swap is not scored again.
void Sequence::score(std::size_t position, std::span<const float> logits,
                     const generation::Tokenizer& tokenizer) {
  if (scores_.empty()) {
    scores_.push_back({request.prompt[0], tokenizer.piece(request.prompt[0]), 0, {}});
  }
  if (position + 1 != scores_.size() || scores_.size() == request.prompt.size()) return;
  const auto rivals = static_cast<std::size_t>(*request.prompt_logprobs);
  scores_.push_back(with_logprobs(request.prompt[position + 1], logits, rivals, tokenizer));
}

void Sequence::tell_scores(const generation::Tokenizer& tokenizer) {
  if (scores_.empty()) {  // a prompt of one token
    scores_.push_back({request.prompt[0], tokenizer.piece(request.prompt[0]), 0, {}});
  }
  outbox->push(generation::PromptEvent{std::move(scores_)});
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
  // A prompt that is only scored ends with its prefill.
  const auto first = first_token_.value_or(std::max(begin, last_token_));
  event.timings = {milliseconds(begin - submitted), milliseconds(first - begin),
                   milliseconds(last_token_ - first), milliseconds(first - submitted)};
  return event;
}

}  // namespace shimmy::scheduler

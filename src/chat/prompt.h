// From a conversation to the tokens that a model reads.
#pragma once

#include <span>
#include <vector>

#include "base/error.h"
#include "chat/chat_template.h"
#include "chat/message.h"
#include "generation/engine.h"
#include "generation/tokenizer.h"

namespace shimmy::chat {

// The rendered prompt as tokens. What the model wants at the start of a text (BOS) is added here,
// once: not when the template has written it itself. The prompt is tokenized as a whole, as models
// were trained; only a message that spells a special token is cut out and tokenized as plain text,
// so that nobody can forge a turn. Fails as ChatTemplate::render, and with InvalidRequest when the
// template makes nothing of the messages.
base::Result<std::vector<generation::Token>> encode_prompt(const ChatTemplate& chat_template,
                                                           const generation::Tokenizer& tokenizer,
                                                           const generation::ModelFacts& facts,
                                                           std::span<const Message> messages);

}  // namespace shimmy::chat

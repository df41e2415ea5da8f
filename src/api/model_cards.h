// What models/ knows of a model, as protocol/ writes it.
#pragma once

#include <span>
#include <vector>

#include "models/model_entry.h"
#include "pool/model_status.h"
#include "protocol/model_card.h"
#include "protocol/native/model_status.h"

namespace shimmy::api {

protocol::ModelCard card_of(const models::ModelEntry& entry);
std::vector<protocol::ModelCard> cards_of(std::span<const models::ModelEntry> entries);

protocol::native::StatusCard card_of(const pool::ModelStatus& status);

}  // namespace shimmy::api

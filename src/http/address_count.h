// How many connections each address has open.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.h"

namespace shimmy::http {

// Any thread.
class AddressCount {
 public:
  // One open connection; ends with its last copy.
  using Token = std::shared_ptr<void>;

  // `limit` connections of one address, `loopback_limit` of one of this machine, where everybody
  // has the same; 0: any number.
  AddressCount(std::size_t limit, std::size_t loopback_limit);

  // Null: `address` has as many as it may have. An empty address is of this machine.
  Token enter(const std::string& address);

 private:
  using Counts = base::Guarded<std::unordered_map<std::string, std::size_t>>;

  const std::size_t limit_;
  const std::size_t loopback_limit_;
  const std::shared_ptr<Counts> counts_;  // shared with the tokens, which may live longer
};

}  // namespace shimmy::http

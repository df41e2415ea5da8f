#include "http/address_count.h"

#include <memory>
#include <string>

#include "http/host_name.h"

namespace shimmy::http {

AddressCount::AddressCount(std::size_t limit, std::size_t loopback_limit)
    : limit_(limit), loopback_limit_(loopback_limit), counts_(std::make_shared<Counts>()) {}

AddressCount::Token AddressCount::enter(const std::string& address) {
  const bool is_local = address.empty() || is_loopback_host(address);
  const std::size_t limit = is_local ? loopback_limit_ : limit_;
  const bool is_in = counts_->with([&](auto& counts) {
    std::size_t& count = counts[address];
    if (limit != 0 && count >= limit) return false;
    ++count;
    return true;
  });
  if (!is_in) return nullptr;
  // Of a value that is never looked at: the token is what its deleter does.
  return {counts_.get(), [counts = counts_, address](void*) {
            counts->with([&](auto& all) {
              if (--all[address] == 0) all.erase(address);
            });
          }};
}

}  // namespace shimmy::http

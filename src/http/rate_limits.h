// How much each client may ask for in a minute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "http/middleware.h"
#include "http/open_paths.h"

namespace shimmy::http {

struct RateRules {
  std::int64_t requests_per_minute = 0;  // of one client; 0: no limit
  std::int64_t units_per_minute = 0;     // of what handlers charge it for; 0: no limit
  std::string units_name = "units";      // in the headers: x-ratelimit-limit-<units_name>
  std::size_t clients = 10'000;  // remembered; beyond, who was not seen for longest is forgotten

  bool has_any() const { return requests_per_minute > 0 || units_per_minute > 0; }
  friend bool operator==(const RateRules&, const RateRules&) = default;
};

// A bucket a client and quantity, which holds what may be used at once, a minute's worth, and fills
// up steadily. Any thread. `clock` must live longer.
class RateLimits {
 public:
  RateLimits(RateRules rules, const base::Clock& clock);

  const RateRules& rules() const { return rules_; }

  // Counts one request of Request::client, or answers 429. Both tell the client how it stands.
  Verdict check(const Request& request);

  // What a request turned out to cost: may be more than is left, and is then waited for.
  void charge(const std::string& client, std::int64_t units);

 private:
  struct Bucket {
    double level = 0;
    base::Clock::time_point at;  // when it had that level
  };
  struct Account {
    std::string client;
    Bucket requests;
    Bucket units;
  };
  struct Accounts {
    std::list<Account> recent;  // the latest seen first
    std::unordered_map<std::string_view, std::list<Account>::iterator> by_client;
  };

  Account& account_of(Accounts& accounts, const std::string& client);
  Verdict count_request(Account& account) const;

  const RateRules rules_;
  const base::Clock& clock_;
  base::Guarded<Accounts> accounts_;
};

// The limits as a step before the handler; `open` is not counted.
Middleware rate_limits(std::shared_ptr<RateLimits> limits, OpenPaths open);

}  // namespace shimmy::http

#include "http/rate_limits.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "http/duration_text.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;

double per_second(std::int64_t per_minute) { return static_cast<double>(per_minute) / 60.0; }

milliseconds rounded_up(double seconds) {
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::max(seconds, 0.0) * 1000)));
}

// `limit` a minute; `level` is what is left of it.
void report(Verdict& verdict, std::string_view name, std::int64_t limit, double level) {
  const double missing = static_cast<double>(limit) - level;
  const auto add = [&](std::string_view what, std::string value) {
    verdict.headers.push_back({fmt::format("x-ratelimit-{}-{}", what, name), std::move(value)});
  };
  add("limit", std::to_string(limit));
  add("remaining", std::to_string(static_cast<std::int64_t>(std::max(level, 0.0))));
  add("reset", duration_text(rounded_up(missing / per_second(limit))));
}

// `wait`: until there is enough again.
Problem refusal(std::string_view name, std::int64_t limit, double wait) {
  const auto seconds = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(wait)));
  return {.status = 429,
          .message = fmt::format("Rate limit reached: {} {} a minute. Try again in {} s.", limit,
                                 name, seconds),
          .code = "rate_limit_exceeded",
          .headers = {{"Retry-After", std::to_string(seconds)}}};
}

}  // namespace

RateLimits::RateLimits(RateRules rules, const base::Clock& clock)
    : rules_(std::move(rules)), clock_(clock) {}

Verdict RateLimits::check(const Request& request) {
  return accounts_.with(
      [&](Accounts& accounts) { return count_request(account_of(accounts, request.client)); });
}

void RateLimits::charge(const std::string& client, std::int64_t units) {
  if (rules_.units_per_minute <= 0 || units <= 0) return;
  accounts_.with([&](Accounts& accounts) {
    account_of(accounts, client).units.level -= static_cast<double>(units);
  });
}

// Filled up to now, and the latest seen.
RateLimits::Account& RateLimits::account_of(Accounts& accounts, const std::string& client) {
  const base::Clock::time_point now = clock_.now();
  const auto found = accounts.by_client.find(client);
  if (found == accounts.by_client.end()) {
    if (!accounts.recent.empty() && accounts.recent.size() >= rules_.clients) {
      accounts.by_client.erase(accounts.recent.back().client);
      accounts.recent.pop_back();
    }
    accounts.recent.push_front({client,
                                {static_cast<double>(rules_.requests_per_minute), now},
                                {static_cast<double>(rules_.units_per_minute), now}});
    accounts.by_client.emplace(accounts.recent.front().client, accounts.recent.begin());
    return accounts.recent.front();
  }
  accounts.recent.splice(accounts.recent.begin(), accounts.recent, found->second);
  Account& account = accounts.recent.front();
  const auto fill = [&](Bucket& bucket, std::int64_t limit) {
    const double added = Seconds(now - bucket.at).count() * per_second(limit);
    bucket = {std::min(static_cast<double>(limit), bucket.level + added), now};
  };
  fill(account.requests, rules_.requests_per_minute);
  fill(account.units, rules_.units_per_minute);
  return account;
}

Verdict RateLimits::count_request(Account& account) const {
  Verdict verdict;
  const std::int64_t requests = rules_.requests_per_minute;
  const std::int64_t units = rules_.units_per_minute;
  if (requests > 0 && account.requests.level < 1) {
    verdict.problem =
        refusal("requests", requests, (1 - account.requests.level) / per_second(requests));
  } else if (units > 0 && account.units.level < 1) {
    verdict.problem =
        refusal(rules_.units_name, units, (1 - account.units.level) / per_second(units));
  } else {
    account.requests.level -= 1;
  }
  if (requests > 0) report(verdict, "requests", requests, account.requests.level);
  if (units > 0) report(verdict, rules_.units_name, units, account.units.level);
  return verdict;
}

Middleware rate_limits(std::shared_ptr<RateLimits> limits, OpenPaths open) {
  return [limits = std::move(limits), open = std::move(open)](const Request& request) -> Verdict {
    if (is_open(open, request)) return {};
    return limits->check(request);
  };
}

}  // namespace shimmy::http

// How many requests may wait, and how many of one client.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace shimmy::scheduler {

// A client may hold at most twice as many places as are free, so that one alone fills two thirds of
// the line, two hold two fifths each, and there is always room for another ("dynamic thresholds",
// Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998). Any thread.
class QueueShares {
 public:
  explicit QueueShares(std::size_t places);
  ~QueueShares();
  QueueShares(const QueueShares&) = delete;
  QueueShares& operator=(const QueueShares&) = delete;

  // A place in line, free again when it is destroyed; may outlive the shares.
  using Ticket = std::shared_ptr<void>;

  // Null: the line is full for this client.
  Ticket enter(const std::string& client);

  std::size_t waiting() const;

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace shimmy::scheduler

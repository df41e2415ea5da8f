// Whose turn it is to compute: the models of this process share its cores one step at a time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>

namespace shimmy::scheduler {

// Turns are given in the order in which they were asked for, so that nobody computes twice while
// another waits. Any thread. Must outlive what it hands out.
class ComputeTurns {
 public:
  // The right to compute until it is destroyed. Movable, and any thread may end it.
  class Turn {
   public:
    explicit Turn(ComputeTurns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

   private:
    ComputeTurns* turns_;  // null: moved from
  };

  // Says that its holder has work, whether it computes, waits, or is between two turns.
  class Work {
   public:
    explicit Work(ComputeTurns& turns);
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work();

   private:
    ComputeTurns& turns_;
  };

  // Blocks for the caller's turn. Empty when `stop` is requested before it comes.
  std::optional<Turn> take(const std::stop_token& stop = {});

  std::size_t waiting() const;  // for their turn
  std::size_t working() const;  // those who hold a Work

 private:
  void end_turn();

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // guarded by mutex_
  std::deque<std::uint64_t> line_;  // tickets; the first one's holder computes
  std::uint64_t last_ticket_ = 0;
  std::size_t working_ = 0;
};

}  // namespace shimmy::scheduler

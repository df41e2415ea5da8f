#include "scheduler/queue_shares.h"

#include <gtest/gtest.h>

#include <vector>

namespace shimmy::scheduler {
namespace {

// As many as a client can get.
std::vector<QueueShares::Ticket> fill(QueueShares& shares, const std::string& client) {
  std::vector<QueueShares::Ticket> tickets;
  while (auto ticket = shares.enter(client)) tickets.push_back(std::move(ticket));
  return tickets;
}

TEST(QueueShares, LeaveRoomForEveryFurtherClient) {
  QueueShares shares(90);
  const auto first = fill(shares, "a");
  EXPECT_EQ(first.size(), 60U);
  const auto second = fill(shares, "b");
  EXPECT_EQ(second.size(), 20U);
  EXPECT_FALSE(fill(shares, "c").empty());
  EXPECT_EQ(shares.waiting(), 80U);
}

TEST(QueueShares, NeverPassOutMoreThanThereAre) {
  QueueShares shares(4);
  std::vector<std::vector<QueueShares::Ticket>> all;
  for (const char* client : {"a", "b", "c", "d", "e", "f"}) all.push_back(fill(shares, client));
  EXPECT_EQ(shares.waiting(), 4U);
  EXPECT_EQ(shares.enter("g"), nullptr);
}

TEST(QueueShares, TakeBackWhatIsLetGo) {
  QueueShares shares(3);
  auto tickets = fill(shares, "a");
  EXPECT_EQ(tickets.size(), 2U);
  tickets.clear();
  EXPECT_EQ(shares.waiting(), 0U);
  EXPECT_EQ(fill(shares, "a").size(), 2U);
}

TEST(QueueShares, MayGoBeforeTheirTickets) {
  QueueShares::Ticket ticket;
  {
    QueueShares shares(3);
    ticket = shares.enter("a");
  }
  EXPECT_NE(ticket, nullptr);
}

TEST(QueueShares, HaveNoPlacesWhereThereAreNone) {
  QueueShares shares(0);
  EXPECT_EQ(shares.enter("a"), nullptr);
}

}  // namespace
}  // namespace shimmy::scheduler

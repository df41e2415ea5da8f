#include "models/name_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::models {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = NameIndex::Kind;

TEST(NameIndex, FindsWithoutLetterCase) {
  NameIndex index;
  index.add("Phi", Kind::Name, 3);
  EXPECT_THAT(index.find("PHI"), ElementsAre(3));
  EXPECT_THAT(index.find("ph"), IsEmpty());
}

TEST(NameIndex, PrefersTheSameLetterCase) {
  NameIndex index;
  index.add("Phi", Kind::Name, 0);
  index.add("phi", Kind::Name, 1);
  EXPECT_THAT(index.find("phi"), ElementsAre(1));
  EXPECT_THAT(index.find("PHI"), ElementsAre(0, 1));
}

TEST(NameIndex, PrefersNamesToAliases) {
  NameIndex index;
  index.add("phi", Kind::Alias, 0);
  index.add("PHI", Kind::Name, 1);
  EXPECT_THAT(index.find("phi"), ElementsAre(1));
}

TEST(NameIndex, ListsEachCandidateOnce) {
  NameIndex index;
  index.add("phi", Kind::Alias, 2);
  index.add("phi", Kind::Alias, 1);
  index.add("phi", Kind::Alias, 2);
  EXPECT_THAT(index.find("phi"), ElementsAre(1, 2));
}

}  // namespace
}  // namespace shimmy::models

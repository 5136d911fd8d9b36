#include "core/instant.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace leadscore::test {
namespace {

TEST(Elapsed, IsTheDifferenceOfTwoInstants) {
  EXPECT_EQ(elapsed(instant(-3), instant(4)), Duration(7));
  EXPECT_EQ(elapsed(instant(4), instant(-3)), Duration(-7));
  EXPECT_EQ(elapsed(instant(5), instant(5)), Duration(0));
}

TEST(Elapsed, IsInfiniteFromOrToAnInfinity) {
  EXPECT_EQ(elapsed(distant_past, instant(0)), Duration::max());
  EXPECT_EQ(elapsed(distant_past, distant_past), Duration::max());
  EXPECT_EQ(elapsed(instant(0), distant_future), Duration::max());
  EXPECT_EQ(elapsed(distant_future, instant(0)), Duration::min());
  EXPECT_EQ(elapsed(instant(0), distant_past), Duration::min());
}

TEST(Elapsed, SaturatesInsteadOfOverflowing) {
  const Instant early = distant_past + microsecond;
  const Instant late = distant_future - microsecond;
  EXPECT_EQ(elapsed(early, late), Duration::max());
  EXPECT_EQ(elapsed(late, early), Duration::min());
  EXPECT_EQ(elapsed(instant(-1), distant_future - microsecond), Duration::max());
  EXPECT_EQ(elapsed(instant(0), distant_future - microsecond), Duration::max() - microsecond);
}

TEST(Later, AddsADuration) {
  EXPECT_EQ(later(instant(3), Duration(4)), instant(7));
  EXPECT_EQ(later(instant(-3), Duration(0)), instant(-3));
  EXPECT_EQ(later(distant_past + microsecond, Duration::max()), instant(0));
}

TEST(Later, SaturatesAtTheDistantFuture) {
  EXPECT_EQ(later(instant(1), Duration::max()), distant_future);
  EXPECT_EQ(later(distant_future - microsecond, Duration(1)), distant_future);
  EXPECT_EQ(later(distant_future - microsecond, Duration(2)), distant_future);
}

TEST(Later, LeavesTheInfinitiesWhatTheyAre) {
  EXPECT_EQ(later(distant_past, day), distant_past);
  EXPECT_EQ(later(distant_future, day), distant_future);
}

}  // namespace
}  // namespace leadscore::test

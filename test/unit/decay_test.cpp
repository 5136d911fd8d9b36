#include "core/decay.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "support.hpp"

namespace leadscore::test {
namespace {

constexpr Duration ten_thousand_years = day * 3'652'500;

std::vector<Decay> fading_decays(Duration period, Duration grace = Duration{0}) {
  return {half_life(period, grace), linear(period, 1, grace), linear(period, 0.5, grace),
          step(period, 0.5, grace), step(period, 1, grace),   window(period, grace)};
}

TEST(Decay, CountsNothingBeforeTheAward) {
  for (const Decay &decay : fading_decays(day)) {
    EXPECT_EQ(decay.factor(on_day(1), on_day(1) - microsecond), 0);
    EXPECT_EQ(decay.factor(on_day(1), on_day(1)), 1);
  }
  EXPECT_EQ(Decay{}.factor(on_day(1), on_day(0)), 0);
}

TEST(Decay, NoneNeverFades) {
  EXPECT_EQ(Decay{}.factor(on_day(0), on_day(100'000)), 1);
  EXPECT_FALSE(Decay{}.is_over(on_day(0), on_day(100'000)));
}

TEST(Decay, HalfLifeHalvesEveryPeriod) {
  const Decay decay = half_life(day * 30);
  EXPECT_DOUBLE_EQ(decay.factor(on_day(0), on_day(30)), 0.5);
  EXPECT_DOUBLE_EQ(decay.factor(on_day(0), on_day(90)), 0.125);
  EXPECT_DOUBLE_EQ(decay.factor(on_day(0), on_day(15)), 0.70710678118654752);
}

TEST(Decay, LinearLosesItsRateEveryPeriod) {
  const Decay decay = linear(day * 30, 0.5);
  EXPECT_DOUBLE_EQ(10 * decay.factor(on_day(0), on_day(30)), 5);
  EXPECT_DOUBLE_EQ(10 * decay.factor(on_day(0), on_day(45)), 2.5);
  EXPECT_EQ(decay.factor(on_day(0), on_day(60)), 0);
  EXPECT_EQ(decay.factor(on_day(0), on_day(75)), 0);
}

TEST(Decay, StepLosesItsRateAtTheEndOfEachPeriod) {
  const Decay decay = step(day * 30, 0.2);
  EXPECT_EQ(decay.factor(on_day(0), on_day(30) - microsecond), 1);
  EXPECT_DOUBLE_EQ(decay.factor(on_day(0), on_day(30)), 0.8);
  EXPECT_DOUBLE_EQ(decay.factor(on_day(0), on_day(90) - microsecond), 0.64);
  EXPECT_DOUBLE_EQ(decay.factor(on_day(0), on_day(90)), 0.512);
}

TEST(Decay, WindowEndsAtOnce) {
  const Decay decay = window(day * 7);
  EXPECT_EQ(decay.factor(on_day(0), on_day(7) - microsecond), 1);
  EXPECT_EQ(decay.factor(on_day(0), on_day(7)), 0);
}

TEST(Decay, GraceDelaysTheFading) {
  for (const Decay &decay : fading_decays(day * 10, day * 5)) {
    Decay without = decay;
    without.grace = Duration{0};
    EXPECT_EQ(decay.factor(on_day(0), on_day(5)), 1);
    for (const int days : {6, 14, 15, 16, 24, 25, 40}) {
      EXPECT_EQ(decay.factor(on_day(0), on_day(days)), without.factor(on_day(0), on_day(days - 5))) << days;
    }
  }
}

TEST(Decay, IsOverFromTheFirstInstantWithoutWorth) {
  EXPECT_FALSE(window(day).is_over(on_day(0), on_day(1) - microsecond));
  EXPECT_TRUE(window(day).is_over(on_day(0), on_day(1)));
  EXPECT_FALSE(linear(day, 0.5).is_over(on_day(0), on_day(2) - microsecond));
  EXPECT_TRUE(linear(day, 0.5).is_over(on_day(0), on_day(2)));
  EXPECT_FALSE(step(day, 1).is_over(on_day(0), on_day(1) - microsecond));
  EXPECT_TRUE(step(day, 1).is_over(on_day(0), on_day(1)));
  EXPECT_FALSE(step(day, 0.5).is_over(on_day(0), on_day(1000)));
  EXPECT_TRUE(step(day, 0.5).is_over(on_day(0), on_day(1080)));
  EXPECT_FALSE(window(day, day).is_over(on_day(0), on_day(2) - microsecond));
  EXPECT_TRUE(window(day, day).is_over(on_day(0), on_day(2)));
}

TEST(Decay, IsNotOverBeforeItBegins) {
  for (const Decay &decay : fading_decays(day)) EXPECT_FALSE(decay.is_over(on_day(1), on_day(0)));
}

TEST(Decay, AwardInTheDistantPastIsInfinitelyOld) {
  for (const Decay &decay : fading_decays(ten_thousand_years, ten_thousand_years)) {
    EXPECT_EQ(decay.factor(distant_past, on_day(0)), 0);
    EXPECT_EQ(decay.factor(distant_past, distant_past + microsecond), 0);
    EXPECT_TRUE(decay.is_over(distant_past, on_day(0)));
  }
  EXPECT_EQ(Decay{}.factor(distant_past, on_day(0)), 1);
}

TEST(Decay, AwardInTheDistantFutureNeverCounts) {
  std::vector<Decay> decays = fading_decays(day);
  decays.emplace_back();
  for (const Decay &decay : decays) {
    EXPECT_EQ(decay.factor(distant_future, distant_future - microsecond), 0);
    EXPECT_TRUE(decay.is_over(distant_future, on_day(0)));
  }
}

TEST(Decay, FadesAwayInTheDistantFuture) {
  for (const Decay &decay : fading_decays(ten_thousand_years, ten_thousand_years)) {
    EXPECT_EQ(decay.factor(on_day(0), distant_future), 0);
  }
  EXPECT_EQ(Decay{}.factor(on_day(0), distant_future), 1);
}

TEST(Decay, StaysWithinItsRangeForExtremeInstantsAndPeriods) {
  const std::array instants{distant_past, distant_past + microsecond,   on_day(-1),    on_day(0),
                            on_day(1),    distant_future - microsecond, distant_future};
  for (const Duration period : {microsecond, day, ten_thousand_years, Duration::max()}) {
    for (const Duration grace : {Duration{0}, microsecond, ten_thousand_years, Duration::max()}) {
      for (const Decay &decay : fading_decays(period, grace)) {
        for (const Instant at : instants) {
          double before = 0;
          for (const Instant t : instants) {
            const double factor = decay.factor(at, t);
            EXPECT_GE(factor, 0);
            EXPECT_LE(factor, 1);
            if (t > at) {
              EXPECT_LE(factor, before);
            }
            before = t < at ? 1 : factor;
            EXPECT_EQ(decay.is_over(at, t), at == distant_future || (t >= at && factor == 0));
          }
        }
      }
    }
  }
}

TEST(Decay, TellsApartInstantsFurtherApartThanADurationCanTell) {
  // 1.8e19 microseconds are 58.5 of these periods; a saturated difference would be 29.2 of them.
  const double factor = half_life(ten_thousand_years).factor(distant_past + microsecond, distant_future - microsecond);
  EXPECT_LT(factor, 1e-17);
  EXPECT_GT(factor, 1e-18);
}

}  // namespace
}  // namespace leadscore::test

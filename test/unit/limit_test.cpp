// max_awards and per: which events of a rule award at all.
#include <gtest/gtest.h>

#include "oracle.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

Program limited(std::uint32_t max_awards, Duration per, const Decay &decay = {}) {
  ModelDefinition model = engagement_model({event_rule("demo", "engagement", 10, decay)});
  model.event_rules[0].limit = Limit{.max_awards = max_awards, .per = per};
  return compile(model);
}

TEST(Limit, LetsOnlyTheFirstOfAllTimeAward) {
  const Program once = limited(1, Duration{0});
  const History history{{}, {{0, on_day(3), 10}, {0, on_day(1), 4}, {0, on_day(2), 30}}};
  EXPECT_EQ(value_of(once, history, on_day(1) - microsecond), 0);
  EXPECT_EQ(value_of(once, history, on_day(1)), 4);
  EXPECT_EQ(value_of(once, history, on_day(9)), 4);
  EXPECT_EQ(value_of(limited(2, Duration{0}), history, on_day(9)), 34);
  EXPECT_EQ(value_of(limited(3, Duration{0}), history, on_day(9)), 44);
}

TEST(Limit, CountsAwardsAndNotEventsWithinItsPeriod) {
  // One in a day: hour 0 awards, hour 20 does not, and so hour 30 does.
  const Duration hour = day / 24;
  const History history{{}, {{0, Instant(hour * 0), 10}, {0, Instant(hour * 20), 10}, {0, Instant(hour * 30), 10}}};
  EXPECT_EQ(value_of(limited(1, day), history, on_day(5)), 20);
}

TEST(Limit, LetsAnEventAwardExactlyOnePeriodAfterAnother) {
  const Program program = limited(1, day);
  EXPECT_EQ(value_of(program, {{}, {{0, on_day(0), 10}, {0, on_day(1) - microsecond, 10}}}, on_day(5)), 10);
  EXPECT_EQ(value_of(program, {{}, {{0, on_day(0), 10}, {0, on_day(1), 10}}}, on_day(5)), 20);
}

TEST(Limit, RollsSoThatTwoOfThreeDaysAwardInEachDay) {
  const Program program = limited(2, day);
  const Duration hour = day / 24;
  History history;
  for (const int at : {0, 1, 2, 23, 24, 25, 26}) history.awards.push_back({0, Instant(hour * at), 1});
  // 0 and 1 award, 2 and 23 do not; 24 is a day after 0, 25 a day after 1.
  EXPECT_EQ(value_of(program, history, on_day(3)), 4);
}

TEST(Limit, PrefersTheHigherPointsOfOneInstant) {
  const Program program = limited(1, Duration{0});
  EXPECT_EQ(value_of(program, {{}, {{0, on_day(0), -5}, {0, on_day(0), 7}, {0, on_day(0), 3}}}, on_day(1)), 7);
  EXPECT_EQ(value_of(limited(2, day), {{}, {{0, on_day(0), -5}, {0, on_day(0), 7}, {0, on_day(0), 7}}}, on_day(1)), 14);
}

TEST(Limit, GivesNoPlaceToAnEventWithoutPoints) {
  EXPECT_EQ(value_of(limited(1, Duration{0}), {{}, {{0, on_day(0), 0}, {0, on_day(1), 7}}}, on_day(2)), 7);
}

TEST(Limit, LetsALateEventTakeThePlaceOfLaterOnes) {
  const Program once = limited(1, Duration{0});
  State state = state_of(once, {{}, {{0, on_day(5), 10}}}, on_day(6));
  merge(once, state, state_of(once, {{}, {{0, on_day(2), 3}}}, on_day(7)));
  EXPECT_EQ(evaluate(once, state, on_day(7))[root_dimension], 3);

  const Program rolling = limited(1, day * 3);
  state = state_of(rolling, {{}, {{0, on_day(3), 10}, {0, on_day(6), 10}}}, on_day(7));
  EXPECT_EQ(evaluate(rolling, state, on_day(7))[root_dimension], 20);
  // Day 1 now awards, so day 3 does not; day 6 still does.
  merge(rolling, state, state_of(rolling, {{}, {{0, on_day(1), 1}}}, on_day(7)));
  EXPECT_EQ(evaluate(rolling, state, on_day(7))[root_dimension], 11);
}

TEST(Limit, GivesAPlaceToAnAwardThatHasFaded) {
  const Program program = limited(1, day * 10, window(day));
  const History history{{}, {{0, on_day(0), 10}, {0, on_day(5), 10}}};
  EXPECT_EQ(value_of(program, history, on_day(5)), 0) << "day 0 is over, but holds its place";
  State state = state_of(program, {{}, {{0, on_day(0), 10}}}, on_day(4));
  merge(program, state, state_of(program, {{}, {{0, on_day(5), 10}}}, on_day(5)));
  EXPECT_EQ(evaluate(program, state, on_day(5))[root_dimension], 0);
}

TEST(Limit, KeepsNoMoreAwardsThanCanCountEver) {
  const Program program = limited(3, Duration{0});
  History history;
  for (int i = 100; i > 0; --i) history.awards.push_back({0, on_day(i), 1});
  EXPECT_EQ(state_of(program, history, on_day(200)).awards.size(), 3U);
  EXPECT_EQ(state_of(program, history, distant_past).awards.size(), 3U);
}

TEST(Limit, KeepsAwardsOfOneInstantApart) {
  const Program program = limited(2, day);
  const State state = state_of(program, {{}, {{0, on_day(0), 4}, {0, on_day(0), 4}, {0, on_day(0), 5}}}, on_day(1));
  ASSERT_EQ(state.awards.size(), 3U);
  EXPECT_EQ(state.awards[0].points, 5);
}

TEST(Limit, IsOfItsRuleAlone) {
  ModelDefinition model = engagement_model({event_rule("demo", "engagement", 10), event_rule("visit", "engagement", 1)});
  model.event_rules[0].limit = Limit{.max_awards = 1};
  EXPECT_EQ(
      value_of(compile(model), {{}, {{0, on_day(0), 10}, {0, on_day(1), 10}, {1, on_day(0), 1}, {1, on_day(1), 1}}}, on_day(2)),
      12);
}

TEST(Limit, GivesTheSameForAnyOrderOfArrival) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Program program = limited(static_cast<std::uint32_t>(random.integer(1, 3)), Duration(random.integer(0, 6)));
    History history;
    for (int i = 0; i < 12; ++i)
      history.awards.push_back({0, instant(random.integer(0, 15)), static_cast<double>(random.integer(-2, 3))});
    const double expected = value_of(program, history, instant(20));
    random.shuffle(history.awards);
    State state = empty_state(program);
    for (const RuleAward &award : history.awards) {
      merge(program, state, state_of(program, {{}, {award}}, instant(random.integer(0, 20))));
    }
    EXPECT_EQ(evaluate(program, state, instant(20))[root_dimension], expected);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace leadscore::test

// at_least, at_most and within: points while the number of events is in a range.
#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>

#include "support.hpp"

namespace leadscore::test {
namespace {

constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

Program counting(std::int64_t at_least, std::int64_t at_most, Duration within) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 10)});
  model.event_rules[0].frequency = Frequency{.at_least = at_least, .at_most = at_most, .within = within};
  return compile(model);
}

History visits(std::initializer_list<std::int64_t> days) {
  History history;
  for (const std::int64_t number : days) history.awards.push_back({0, on_day(number), 10});
  return history;
}

TEST(Frequency, GivesItsPointsOnceWhileEnoughEventsAreRecent) {
  const Program program = counting(2, any, day * 7);
  const History history = visits({0, 3, 4});
  EXPECT_EQ(value_of(program, history, on_day(3) - microsecond), 0);
  EXPECT_EQ(value_of(program, history, on_day(3)), 10);
  EXPECT_EQ(value_of(program, history, on_day(7)), 10) << "days 3 and 4";
  EXPECT_EQ(value_of(program, history, on_day(10) - microsecond), 10);
  EXPECT_EQ(value_of(program, history, on_day(10)), 0);
}

TEST(Frequency, CountsAnEventUntilItIsExactlyAsOldAsItsWindow) {
  const Program program = counting(1, any, day * 7);
  EXPECT_EQ(value_of(program, visits({0}), on_day(7) - microsecond), 10);
  EXPECT_EQ(value_of(program, visits({0}), on_day(7)), 0);
}

TEST(Frequency, EndsAboveItsMost) {
  const Program program = counting(1, 2, Duration{0});
  const History history = visits({1, 2, 3});
  EXPECT_EQ(value_of(program, history, on_day(0)), 0);
  EXPECT_EQ(value_of(program, history, on_day(1)), 10);
  EXPECT_EQ(value_of(program, history, on_day(2)), 10);
  EXPECT_EQ(value_of(program, history, on_day(3)), 0);
}

TEST(Frequency, IsMetByNoEventIfNoneIsInItsRange) {
  EXPECT_EQ(value_of(counting(0, 0, day * 7), {}, on_day(0)), 10);
  EXPECT_EQ(value_of(counting(0, 0, day * 7), visits({1}), on_day(1)), 0);
  EXPECT_EQ(value_of(counting(0, 0, day * 7), visits({1}), on_day(8)), 10);
  EXPECT_EQ(value_of(counting(1, any, Duration{0}), {}, on_day(0)), 0);
}

TEST(Frequency, CountsEventsOfOneInstantEach) {
  EXPECT_EQ(value_of(counting(3, any, day), visits({1, 1, 1}), on_day(1)), 10);
  EXPECT_EQ(value_of(counting(3, any, day), visits({1, 1}), on_day(1)), 0);
}

TEST(Frequency, CountsEventsWhateverTheirPoints) {
  const Program program = counting(2, any, Duration{0});
  EXPECT_EQ(value_of(program, {{}, {{0, on_day(0), 0}, {0, on_day(1), -7}}}, on_day(2)), 10);
}

TEST(Frequency, CountsLateEvents) {
  const Program program = counting(2, any, day * 7);
  State state = state_of(program, visits({5}), on_day(6));
  merge(program, state, state_of(program, visits({4}), on_day(8)));
  EXPECT_EQ(evaluate(program, state, on_day(10))[root_dimension], 10);
  EXPECT_EQ(evaluate(program, state, on_day(11))[root_dimension], 0);
}

TEST(Frequency, CountsEventsOfAnyTimeInOneEntry) {
  const Program program = counting(50, any, Duration{0});
  History history;
  for (int i = 0; i < 50; ++i) history.awards.push_back({0, on_day(i), 1});
  const State state = state_of(program, history, on_day(60));
  ASSERT_EQ(state.awards.size(), 1U);
  EXPECT_EQ(state.awards[0], (Award{.slot = 0, .at = on_day(49), .points = 50}));
  EXPECT_EQ(evaluate(program, state, on_day(60))[root_dimension], 10);
}

TEST(Frequency, ForgetsWhatIsInNoWindowAnyMore) {
  const Program program = counting(1, any, day * 7);
  EXPECT_EQ(state_of(program, visits({0, 1, 2}), on_day(8)).awards.size(), 1U);
  EXPECT_TRUE(state_of(program, visits({0, 1, 2}), on_day(9)).awards.empty());
}

TEST(Frequency, TakesEventsWithoutATime) {
  const Program ever = counting(1, any, Duration{0});
  const Program recent = counting(1, any, day);
  const History before{{}, {{0, distant_past, 1}}};
  EXPECT_EQ(value_of(ever, before, on_day(0)), 10) << "it has happened, whenever";
  EXPECT_EQ(value_of(recent, before, on_day(0)), 0);
  EXPECT_EQ(value_of(ever, {{}, {{0, distant_future, 1}}}, on_day(0)), 0);
}

}  // namespace
}  // namespace leadscore::test

// silent_for and repeats: points once nothing has happened for long.
#include <gtest/gtest.h>

#include "support.hpp"

namespace leadscore::test {
namespace {

ModelDefinition silent_model(Duration silent_for, bool repeats = false) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", -5)});
  model.event_rules[0].silence = Silence{.silent_for = silent_for, .repeats = repeats};
  return model;
}

TEST(Silence, CountsFromTheLastEvent) {
  const Program program = compile(silent_model(day * 10));
  const History history{{}, {{0, on_day(0), 1}, {0, on_day(3), 1}}};
  EXPECT_EQ(value_of(program, history, on_day(10)), 0);
  EXPECT_EQ(value_of(program, history, on_day(13) - microsecond), 0);
  EXPECT_EQ(value_of(program, history, on_day(13)), -5);
  EXPECT_EQ(value_of(program, history, on_day(500)), -5);
}

TEST(Silence, IsBrokenByALaterEvent) {
  const Program program = compile(silent_model(day * 10));
  const History history{{}, {{0, on_day(0), 1}, {0, on_day(20), 1}}};
  EXPECT_EQ(value_of(program, history, on_day(20) - microsecond), -5);
  EXPECT_EQ(value_of(program, history, on_day(20)), 0);
  EXPECT_EQ(value_of(program, history, on_day(30)), -5);
}

TEST(Silence, CountsFromTheLeadsCreationIfThereWasNoEvent) {
  const Program program = compile(silent_model(day * 10));
  const std::vector<Answer> lead = eligible_lead(program);
  EXPECT_EQ(value_of(program, {lead, {}, on_day(5)}, on_day(15) - microsecond), 0);
  EXPECT_EQ(value_of(program, {lead, {}, on_day(5)}, on_day(15)), -5);
  EXPECT_EQ(value_of(program, {lead, {{0, on_day(1), 1}}, on_day(5)}, on_day(11)), -5)
      << "an event counts even before the creation";
}

TEST(Silence, IsWorthNothingWithoutAStart) {
  const Program program = compile(silent_model(day * 10));
  EXPECT_EQ(value_of(program, {}, on_day(1000)), 0);
  EXPECT_EQ(value_of(program, {eligible_lead(program), {}}, on_day(1000)), 0);
  EXPECT_EQ(value_of(program, {eligible_lead(program), {}, on_day(2000)}, on_day(1000)), 0) << "created later";
  EXPECT_EQ(value_of(program, {eligible_lead(program), {{0, on_day(1500), 1}}}, on_day(1000)), 0) << "an event to come";
}

TEST(Silence, RepeatsForEachWholeSilence) {
  const Program program = compile(silent_model(day * 10, true));
  const History history{{}, {{0, on_day(0), 1}}};
  EXPECT_EQ(value_of(program, history, on_day(10) - microsecond), 0);
  EXPECT_EQ(value_of(program, history, on_day(10)), -5);
  EXPECT_EQ(value_of(program, history, on_day(20) - microsecond), -5);
  EXPECT_EQ(value_of(program, history, on_day(20)), -10);
  EXPECT_EQ(value_of(program, history, on_day(1005)), -500);
}

TEST(Silence, GoesNoLowerThanItsFloor) {
  ModelDefinition model = silent_model(day * 10, true);
  model.event_rules[0].min_points = -12;
  const Program program = compile(model);
  const History history{{}, {{0, on_day(0), 1}}};
  EXPECT_EQ(value_of(program, history, on_day(20)), -10);
  EXPECT_EQ(value_of(program, history, on_day(30)), -12);
  EXPECT_EQ(value_of(program, history, on_day(9000)), -12);
}

TEST(Silence, StartsAnewWithAReset) {
  ModelDefinition model = silent_model(day * 10);
  model.event_rules.push_back(event_rule("close", "score", 0));
  model.event_rules[1].resets = "engagement";
  const Program program = compile(model);
  const History history{{}, {{0, on_day(0), 1}, {1, on_day(8), 0}}};
  EXPECT_EQ(value_of(program, history, on_day(10)), 0);
  EXPECT_EQ(value_of(program, history, on_day(18)), -5);
  EXPECT_EQ(value_of(program, {{}, {{1, on_day(8), 0}}}, on_day(18)), -5) << "even without an event";
}

TEST(Silence, IgnoresEventsWithoutATime) {
  const Program program = compile(silent_model(day * 10));
  EXPECT_EQ(value_of(program, {{}, {{0, distant_past, 1}}}, on_day(10)), 0);
  EXPECT_EQ(value_of(program, {{}, {{0, on_day(0), 1}, {0, distant_future, 1}}}, on_day(10)), -5);
}

TEST(Silence, NeedsOnlyTheLastEvent) {
  const Program program = compile(silent_model(day * 10));
  History history;
  for (int i = 0; i < 50; ++i) history.awards.push_back({0, on_day(i), 1});
  EXPECT_EQ(state_of(program, history, on_day(60)).awards, (std::vector<Award>{{.slot = 0, .at = on_day(49), .points = 1}}));
  EXPECT_EQ(state_of(program, history, on_day(47)).awards.size(), 3U) << "the last one so far, and those to come";
}

TEST(Silence, TakesAnEventThatArrivesLate) {
  const Program program = compile(silent_model(day * 10));
  State state = state_of(program, {{}, {{0, on_day(5), 1}}}, on_day(12));
  merge(program, state, state_of(program, {{}, {{0, on_day(2), 1}}}, on_day(12)));
  EXPECT_EQ(evaluate(program, state, on_day(14))[root_dimension], 0);
  merge(program, state, state_of(program, {{}, {{0, on_day(7), 1}}}, on_day(12)));
  EXPECT_EQ(evaluate(program, state, on_day(16))[root_dimension], 0);
  EXPECT_EQ(evaluate(program, state, on_day(17))[root_dimension], -5);
}

}  // namespace
}  // namespace leadscore::test

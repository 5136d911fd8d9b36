// resets: events that empty a dimension.
#include <gtest/gtest.h>

#include "core/tiers.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

// Rule 0 `visit` in engagement.web and rule 1 `call` in engagement give what each event says; rule 2 `close` resets `emptied`.
ModelDefinition model_with_reset(const std::string &emptied) {
  ModelDefinition model = engagement_model(
      {event_rule("visit", "engagement.web", 1), event_rule("call", "engagement", 1), event_rule("close", "score", 0)});
  model.dimensions = {dimension("engagement"), dimension("engagement.web"), dimension("fit", 1, 3)};
  model.event_rules[2].resets = emptied;
  return model;
}

TEST(Reset, TakesWhatEarlierEventsGave) {
  const Program program = compile(model_with_reset("engagement"));
  const History history{{}, {{0, on_day(1), 4}, {1, on_day(2), 20}, {2, on_day(5), 0}, {0, on_day(6), 100}}};
  EXPECT_EQ(value_of(program, history, on_day(5) - microsecond), 3 + 24);
  EXPECT_EQ(value_of(program, history, on_day(5)), 3);
  EXPECT_EQ(value_of(program, history, on_day(6)), 3 + 100);
}

TEST(Reset, LeavesWhatHappensAtItsInstant) {
  const Program program = compile(model_with_reset("engagement"));
  EXPECT_EQ(value_of(program, {{}, {{1, on_day(5), 20}, {1, on_day(5) - microsecond, 7}, {2, on_day(5), 0}}}, on_day(5)), 23);
}

TEST(Reset, EmptiesWhatIsBelowAndNothingElse) {
  const History history{{}, {{0, on_day(1), 4}, {1, on_day(2), 20}, {2, on_day(5), 0}}};
  EXPECT_EQ(value_of(compile(model_with_reset("engagement.web")), history, on_day(5)), 23);
  EXPECT_EQ(value_of(compile(model_with_reset("fit")), history, on_day(5)), 27) << "a base stays";
  EXPECT_EQ(value_of(compile(model_with_reset("score")), history, on_day(5)), 3);
}

TEST(Reset, LeavesLeadRules) {
  ModelDefinition model = model_with_reset("score");
  model.lead_rules = {lead_rule("country", "engagement", 6)};
  const Program program = compile(model);
  EXPECT_EQ(value_of(program, {eligible_lead(program), {{1, on_day(1), 4}, {2, on_day(5), 0}}}, on_day(5)), 9);
}

TEST(Reset, CountsInTheFutureWhenItsTimeComes) {
  const Program program = compile(model_with_reset("engagement"));
  const State state = state_of(program, {{}, {{1, on_day(1), 20}, {2, on_day(9), 0}}}, on_day(2));
  EXPECT_EQ(evaluate(program, state, on_day(9) - microsecond)[root_dimension], 23);
  EXPECT_EQ(evaluate(program, state, on_day(9))[root_dimension], 3);
}

TEST(Reset, TakesWhatArrivesLate) {
  const Program program = compile(model_with_reset("engagement"));
  State state = state_of(program, {{}, {{2, on_day(5), 0}}}, on_day(6));
  merge(program, state, state_of(program, {{}, {{1, on_day(4), 20}}}, on_day(6)));
  EXPECT_EQ(evaluate(program, state, on_day(6))[root_dimension], 3);
  State late = state_of(program, {{}, {{1, on_day(1), 20}}}, on_day(6));
  merge(program, late, state_of(program, {{}, {{2, on_day(5), 0}}}, on_day(6)));
  EXPECT_EQ(evaluate(program, late, on_day(6))[root_dimension], 3);
}

TEST(Reset, MayAwardPointsOfItsOwn) {
  ModelDefinition model = model_with_reset("engagement");
  model.event_rules[2].dimension = "engagement";
  model.event_rules[2].points = 5;
  const Program program = compile(model);
  EXPECT_EQ(value_of(program, {{}, {{1, on_day(1), 20}, {2, on_day(5), 5}}}, on_day(5)), 8);
  EXPECT_EQ(value_of(program, {{}, {{1, on_day(1), 20}, {2, on_day(5), 5}, {2, on_day(7), 5}}}, on_day(7)), 8)
      << "it resets itself, too";
}

TEST(Reset, GivesNoPlaceBack) {
  ModelDefinition model = model_with_reset("engagement");
  model.event_rules[1].limit = Limit{.max_awards = 1};
  const Program program = compile(model);
  EXPECT_EQ(value_of(program, {{}, {{1, on_day(1), 20}, {2, on_day(5), 0}, {1, on_day(6), 20}}}, on_day(7)), 3);
}

TEST(Reset, TakesTheEventsThatAFrequencyCounts) {
  ModelDefinition model = model_with_reset("engagement");
  model.event_rules[1].points = 50;
  model.event_rules[1].frequency = Frequency{.at_least = 2};
  const Program program = compile(model);
  const History history{{}, {{1, on_day(1), 1}, {1, on_day(2), 1}, {2, on_day(5), 0}, {1, on_day(6), 1}, {1, on_day(7), 1}}};
  EXPECT_EQ(value_of(program, history, on_day(4)), 53);
  EXPECT_EQ(value_of(program, history, on_day(5)), 3);
  EXPECT_EQ(value_of(program, history, on_day(6)), 3);
  EXPECT_EQ(value_of(program, history, on_day(7)), 53);
}

TEST(Reset, TakesGrants) {
  ModelDefinition model = model_with_reset("engagement");
  model.event_rules[1].grants = "hot";
  model.event_rules[1].points = 0;
  const Program program = compile(model);
  const State state = state_of(program, {eligible_lead(program), {{1, on_day(1), 0}, {2, on_day(5), 0}}}, on_day(2));
  EXPECT_EQ(raw_tier_at(program, state, on_day(5) - microsecond), 2);
  EXPECT_EQ(raw_tier_at(program, state, on_day(5)), 0);
}

TEST(Reset, TakesEarlierAdjustments) {
  const Program program = compile(model_with_reset("engagement"));
  History history{{}, {{2, on_day(5), 0}}};
  history.adjustments = {adjusted(program, "engagement.web", on_day(4), 7), adjusted(program, "engagement", on_day(5), 11),
                         adjusted(program, "fit", on_day(1), 2)};
  EXPECT_EQ(value_of(program, history, on_day(4)), 3 + 7 + 2);
  EXPECT_EQ(value_of(program, history, on_day(5)), 3 + 11 + 2);
}

TEST(Reset, NeedsATime) {
  const Program program = compile(model_with_reset("engagement"));
  EXPECT_EQ(value_of(program, {{}, {{1, on_day(1), 20}, {2, distant_past, 0}, {2, distant_future, 0}}}, on_day(5)), 23);
}

TEST(Reset, BoundsWhatAStateKeeps) {
  ModelDefinition model = model_with_reset("engagement");
  model.event_rules[0].frequency = Frequency{.at_least = 2};
  const Program program = compile(model);
  History history;
  for (int i = 0; i < 100; ++i) {
    history.awards.push_back({0, on_day(i), 1});
    history.awards.push_back({1, on_day(i), 1});
    if (i % 10 == 9) history.awards.push_back({2, on_day(i), 0});
  }
  // Of the last day the visit and the call, at the instant of the last reset, and that reset.
  EXPECT_EQ(state_of(program, history, on_day(100)).awards.size(), 3U);
}

}  // namespace
}  // namespace leadscore::test

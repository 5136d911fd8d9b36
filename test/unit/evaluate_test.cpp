#include "core/evaluate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/timeline.hpp"
#include "oracle.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

double score(const Program &program, const State &state, Instant t) { return evaluate(program, state, t)[root_dimension]; }

TEST(Evaluate, DecaysAStreamOfEventsByTheirAge) {
  // The stream of the forward decay paper, with a half-life of 5 seconds: at 110 the weights are .5, .660, .379, .758 and .435.
  constexpr Duration second{1'000'000};
  const Program program = compile(engagement_model({event_rule("value", "engagement", 1, half_life(second * 5))}));
  const History stream{{},
                       {{0, Instant(second * 105), 4},
                        {0, Instant(second * 107), 8},
                        {0, Instant(second * 103), 3},
                        {0, Instant(second * 108), 6},
                        {0, Instant(second * 104), 4}}};
  History count = stream;
  for (RuleAward &award : count.awards) award.points = 1;
  for (const std::int64_t horizon : {0, 104, 106, 110}) {
    EXPECT_NEAR(score(program, state_of(program, stream, Instant(second * horizon)), Instant(second * 110)), 14.703069894, 1e-8);
    EXPECT_NEAR(score(program, state_of(program, count, Instant(second * horizon)), Instant(second * 110)), 2.731816662, 1e-8);
  }
}

TEST(Evaluate, GivesEachDecayItsWorkedNumber) {
  const Program program = compile(
      engagement_model({event_rule("none", "score", 0), event_rule("half", "score", 0, half_life(day * 10)),
                        event_rule("linear", "score", 0, linear(day * 10, 0.25)),
                        event_rule("step", "score", 0, step(day * 10, 0.25)), event_rule("window", "score", 0, window(day * 10))}));
  const double at_25[] = {8, std::sqrt(2.0), 3, 4.5, 0};
  for (std::uint32_t rule = 0; rule < 5; ++rule) {
    const State state = state_of(program, {{}, {{rule, on_day(0), 8}}}, on_day(5));
    EXPECT_DOUBLE_EQ(score(program, state, on_day(25)), at_25[rule]) << rule;
  }
}

TEST(Evaluate, KeepsAnAwardWholeThroughItsGrace) {
  const Program program = compile(engagement_model({event_rule("half", "score", 0, half_life(day * 10, day * 4))}));
  const State state = state_of(program, {{}, {{0, on_day(0), 8}}}, on_day(2));
  EXPECT_DOUBLE_EQ(score(program, state, on_day(4)), 8);
  EXPECT_DOUBLE_EQ(score(program, state, on_day(14)), 4);
}

TEST(Evaluate, CountsAFutureEventFromItsOwnInstant) {
  const Program program = compile(engagement_model({event_rule("none", "score", 0)}));
  const State state = state_of(program, {{}, {{0, on_day(9), 8}}}, on_day(2));
  EXPECT_EQ(score(program, state, on_day(9) - microsecond), 0);
  EXPECT_EQ(score(program, state, on_day(9)), 8);
}

TEST(Evaluate, ClampsASlotAndThenTheDimensions) {
  ModelDefinition model = engagement_model({event_rule("capped", "engagement", 0), event_rule("free", "engagement", 0)});
  model.event_rules[0].max_points = 15;
  model.dimensions = {dimension("engagement", 2), dimension("score", 1, 1)};
  model.dimensions[0].max_value = 18;
  const Program program = compile(model);
  const History history{{}, {{0, on_day(0), 10}, {0, on_day(1), 10}, {1, on_day(0), 2}}};
  State state = state_of(program, history, on_day(2));
  EXPECT_EQ(score(program, state, on_day(2)), 1 + 2 * (15 + 2));
  add_award(state, program.event_rules[1].slot.value(), on_day(2), 2);
  EXPECT_EQ(score(program, state, on_day(2)), 1 + 2 * 18);
}

TEST(Evaluate, ClampsASlotWithoutAnyAward) {
  ModelDefinition model = engagement_model({event_rule("at least", "engagement", 0)});
  model.event_rules[0].min_points = 3;
  const Program program = compile(model);
  EXPECT_EQ(evaluate(program, empty_state(program), on_day(0))[root_dimension], 3);
  EXPECT_EQ(evaluate(program, empty_state(program), on_day(0), Part::events)[root_dimension], 3);
  EXPECT_EQ(evaluate(program, empty_state(program), on_day(0), Part::lead)[root_dimension], 0);
}

TEST(Evaluate, WeighsANestedTree) {
  ModelDefinition model;
  model.dimensions = {dimension("fit", 0.5, 4), dimension("fit.company", 3), dimension("fit.company.size", -1, 2),
                      dimension("risk", -2)};
  model.lead_rules = {lead_rule("size", "fit.company.size", 5), lead_rule("sector", "fit.company", 7),
                      lead_rule("risky", "risk", 1)};
  const Program program = compile(model);
  const State state = state_of(program, {eligible_lead(program), {}}, on_day(0));
  const std::vector<double> values = evaluate(program, state, on_day(0));
  EXPECT_EQ(values[*program.find_dimension("fit.company.size")], 7);
  EXPECT_EQ(values[*program.find_dimension("fit.company")], 0);
  EXPECT_EQ(values[*program.find_dimension("fit")], 4);
  EXPECT_EQ(values[*program.find_dimension("risk")], 1);
  EXPECT_EQ(values[root_dimension], 0.5 * 4 - 2 * 1);
}

TEST(Evaluate, GivesLeadRulesByTheirAnswer) {
  ModelDefinition model;
  model.lead_rules = {lead_rule("conditional", "score", 5, -3), lead_rule("always", "score", 100, -100)};
  model.lead_rules[1].has_condition = false;
  const Program program = compile(model);
  const auto with = [&](Answer answer) {
    return score(program, state_of(program, {eligible_lead(program, answer), {}}, on_day(0)), on_day(0));
  };
  EXPECT_EQ(with(Answer::is_true), 105);
  EXPECT_EQ(with(Answer::is_false), 97);
  EXPECT_EQ(with(Answer::unknown), 100);
  EXPECT_EQ(score(program, empty_state(program), on_day(0)), 0);
}

TEST(Evaluate, SplitsIntoLeadAndEvents) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0)});
  model.dimensions[0].base = 4;
  model.dimensions[0].max_value = 9;
  model.lead_rules = {lead_rule("title", "engagement", 3)};
  const Program program = compile(model);
  const State state = state_of(program, {eligible_lead(program), {{0, on_day(0), 20}}}, on_day(0));
  EXPECT_EQ(evaluate(program, state, on_day(0), Part::all)[1], 9);
  EXPECT_EQ(evaluate(program, state, on_day(0), Part::lead)[1], 7);
  EXPECT_EQ(evaluate(program, state, on_day(0), Part::events)[1], 9);
}

TEST(Evaluate, RefusesAnInstantBeforeTheHorizon) {
  const Program program = compile(engagement_model({}));
  State state = empty_state(program);
  fold(program, state, on_day(3));
  EXPECT_NO_THROW(static_cast<void>(evaluate(program, state, on_day(3))));
  try {
    static_cast<void>(evaluate(program, state, on_day(3) - microsecond));
    ADD_FAILURE() << "not refused";
  } catch (const InvalidArgument &refusal) {
    EXPECT_NE(std::string(refusal.what()).find("before its horizon"), std::string::npos);
  }
}

TEST(Evaluate, StaysFiniteWhateverIsAdded) {
  ModelDefinition model = engagement_model({event_rule("a", "engagement", 0), event_rule("b", "engagement", 0, half_life(day)),
                                            event_rule("c", "score", 0, window(day))});
  model.dimensions[0].weight = -1e308;
  const Program program = compile(model);
  const double huge = std::numeric_limits<double>::max();
  History history;
  for (std::uint32_t rule = 0; rule < 3; ++rule) {
    for (int i = 0; i < 5; ++i) history.awards.push_back({rule, on_day(0) + microsecond * i, huge});
  }
  const State state = state_of(program, history, on_day(0) + microsecond * 5);
  for (const Instant t : {state.horizon, on_day(1), on_day(1000), distant_future}) {
    for (const double value : evaluate(program, state, t)) EXPECT_LE(std::abs(value), largest_value);
  }
}

TEST(Evaluate, TakesExtremeInstants) {
  const Program program = compile(engagement_model(
      {event_rule("none", "score", 0), event_rule("micro", "score", 0, half_life(microsecond)),
       event_rule("ages", "score", 0, half_life(day * 3'652'500)), event_rule("window", "score", 0, window(day, day))}));
  History history;
  for (std::uint32_t rule = 0; rule < 4; ++rule) {
    for (const Instant at : {distant_past, distant_past + microsecond, on_day(0), distant_future - microsecond, distant_future}) {
      history.awards.push_back({rule, at, 1});
    }
  }
  for (const Instant horizon :
       {distant_past, distant_past + microsecond, on_day(0), on_day(1), distant_future - microsecond, distant_future}) {
    const State state = state_of(program, history, horizon);
    for (const Instant t : {on_day(1), distant_future - microsecond, distant_future}) {
      if (t < horizon) continue;
      const double none = t < distant_future - microsecond ? 3 : 4;
      const double fading = t == on_day(1) ? 2 + std::exp2(-1 / 3'652'500.0) - 1 : 0;
      EXPECT_NEAR(score(program, state, t), none + fading + (t == distant_future - microsecond ? 3 : 0), 1e-8);
    }
  }
}

TEST(SlotValue, IsWithinItsBounds) {
  ModelDefinition model = engagement_model({event_rule("capped", "engagement", 0)});
  model.event_rules[0].max_points = 15;
  const Program program = compile(model);
  EXPECT_EQ(slot_value(program, state_of(program, {{}, {{0, on_day(0), 40}}}, on_day(0)), 0, on_day(0)), 15);
}

TEST(Tier, IsTheHighestWhoseMinimumsAllHold) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0)});
  model.tiers.back().minimums.push_back({"engagement", 25});
  const Program program = compile(model);
  const auto tier_of = [&](double points) {
    return tier_at(program, state_of(program, {eligible_lead(program), {{0, on_day(0), points}}}, on_day(0)), on_day(0));
  };
  EXPECT_EQ(tier_of(-5), 0);
  EXPECT_EQ(tier_of(10), 1);
  EXPECT_EQ(tier_of(20), 1);
  EXPECT_EQ(tier_of(25), 2);
}

TEST(Tier, MayBeNone) {
  ModelDefinition model = engagement_model({});
  model.tiers.erase(model.tiers.begin());
  const Program program = compile(model);
  EXPECT_EQ(tier_at(program, state_of(program, {eligible_lead(program), {}}, on_day(0)), on_day(0)), no_tier);
}

TEST(Tier, AppliesOnlyToLeadsThatSaySo) {
  ModelDefinition model = engagement_model({});
  model.tiers[1].minimums.clear();
  model.tiers[1].has_applies_to = true;
  const Program program = compile(model);
  const auto tier_with = [&](Answer answer) {
    return tier_at(program, state_of(program, {eligible_lead(program, answer), {}}, on_day(0)), on_day(0));
  };
  EXPECT_EQ(tier_with(Answer::is_true), 1);
  EXPECT_EQ(tier_with(Answer::is_false), 0);
  EXPECT_EQ(tier_with(Answer::unknown), 0);
}

TEST(Tier, NeedsALeadThatIsEligible) {
  const Program program = compile(engagement_model({}));
  State state = empty_state(program);
  EXPECT_TRUE(is_eligible(state));
  EXPECT_EQ(tier_at(program, state, on_day(0)), no_tier);
  state.has_lead = true;
  for (const Answer answer : {Answer::unknown, Answer::is_false, Answer::is_true}) {
    state.answers = {answer};
    EXPECT_EQ(is_eligible(state), answer == Answer::is_true);
    EXPECT_EQ(tier_at(program, state, on_day(0)), answer == Answer::is_true ? 0 : no_tier);
  }
}

TEST(Evaluate, AgreesWithTheOracleOnRandomModels) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit = random.chance(0.5) ? day : Duration(random.integer(1, 1000));
    const ModelDefinition model = random_model(random, unit);
    const Program program = compile(model);
    const History history = random_history(random, program, unit, 30);
    const Instant horizon = random.chance(0.2) ? distant_past : random_instant(random, instant(0), unit);
    const State state = state_of(program, history, horizon);
    for (int i = 0; i < 3; ++i) {
      const Instant t = random_instant(random, std::max(horizon, Instant(unit * -20)), unit);
      expect_as_oracle(model, program, history, state, t);
    }
    if (!history.awards.empty()) {
      expect_as_oracle(model, program, history, state, std::max(horizon, random.pick(history.awards).at));
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace leadscore::test

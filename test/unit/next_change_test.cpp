#include "core/next_change.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/timeline.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

// The state of an eligible lead with these awards.
State lead_with(const Program &program, std::vector<RuleAward> awards, Instant horizon) {
  return state_of(program, {eligible_lead(program), std::move(awards)}, horizon);
}

TEST(NextChange, FindsWhenAHalfLifeFallsBelowAMinimum) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0, half_life(day * 30))}));
  const State state = lead_with(program, {{0, on_day(0), 40}}, on_day(0));
  const NextChange to_warm = next_change(program, state, on_day(0));
  // 40 points are 20 after one half-life; at that very instant the lead still is hot.
  EXPECT_TRUE(to_warm.exact);
  EXPECT_EQ(to_warm.at, on_day(30) + microsecond);
  const NextChange to_cold = next_change(program, state, to_warm.at);
  EXPECT_EQ(to_cold.at, on_day(60) + microsecond);
  EXPECT_EQ(next_change(program, state, to_cold.at).at, distant_future);
}

TEST(NextChange, FindsTheEndOfAWindow) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0, window(day * 7))}));
  const State state = lead_with(program, {{0, on_day(0), 15}, {0, on_day(2), 15}}, on_day(3));
  EXPECT_EQ(next_change(program, state, on_day(3)).at, on_day(7));
  EXPECT_EQ(next_change(program, state, on_day(7)).at, on_day(9));
  EXPECT_EQ(next_change(program, state, on_day(9)).at, distant_future);
}

TEST(NextChange, FindsTheStepsAndTheLine) {
  const Program program = compile(engagement_model(
      {event_rule("step", "engagement", 0, step(day * 10, 0.5)), event_rule("line", "engagement", 0, linear(day * 10))}));
  EXPECT_EQ(next_change(program, lead_with(program, {{0, on_day(0), 30}}, on_day(0)), on_day(0)).at, on_day(10));
  EXPECT_EQ(next_change(program, lead_with(program, {{1, on_day(0), 40}}, on_day(0)), on_day(0)).at, on_day(5) + microsecond);
}

TEST(NextChange, FindsAFutureEvent) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0)}));
  const State state = lead_with(program, {{0, on_day(9), 15}}, on_day(0));
  EXPECT_EQ(next_change(program, state, on_day(0)).at, on_day(9));
}

TEST(NextChange, FindsAPenaltyFadingAway) {
  ModelDefinition model = engagement_model({event_rule("penalty", "engagement", 0, half_life(day * 30))});
  model.dimensions[0].base = 20;
  const Program program = compile(model);
  // 20 - 20 points of penalty: warm once 10 are left.
  EXPECT_EQ(next_change(program, lead_with(program, {{0, on_day(0), -20}}, on_day(0)), on_day(0)).at, on_day(30));
}

TEST(NextChange, FindsWhenTheFirstChildHasFadedAway) {
  // The award has a grace, so that the state keeps it for itself. Once it is 0, the next child applies, for good.
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 0, half_life(day, day))});
  model.dimensions[0].combine = Combine::first;
  model.lead_rules.push_back(lead_rule("else", "engagement", 20));
  model.lead_rules.back().position = 1;
  const Program program = compile(model);
  const State state = lead_with(program, {{0, on_day(0), 1}}, on_day(0));
  const NextChange faded = next_change(program, state, on_day(900));
  EXPECT_TRUE(faded.exact);
  EXPECT_EQ(tier_at(program, state, faded.at - microsecond), 0);
  EXPECT_EQ(tier_at(program, state, faded.at), 2);
  const NextChange never = next_change(program, state, faded.at, 200);
  EXPECT_TRUE(never.exact);
  EXPECT_EQ(never.at, distant_future);
}

TEST(NextChange, IsNeverWithoutALeadATierOrSomethingThatFades) {
  const Program program =
      compile(engagement_model({event_rule("visit", "engagement", 0, half_life(day)), event_rule("none", "engagement", 0)}));
  const History faded{{}, {{0, on_day(0), 40}}};
  EXPECT_EQ(next_change(program, state_of(program, faded, on_day(0)), on_day(0), 1).at, distant_future);
  EXPECT_EQ(next_change(program, lead_with(program, {{1, on_day(0), 40}}, on_day(0)), on_day(0), 1).at, distant_future);
  State ineligible = lead_with(program, faded.awards, on_day(0));
  ineligible.answers.set(eligible_answer, Answer::is_false);
  EXPECT_EQ(next_change(program, ineligible, on_day(0), 1).at, distant_future);
  const Program tierless =
      compile({.dimensions = {}, .lead_rules = {}, .event_rules = {event_rule("v", "score", 0, half_life(day))}, .tiers = {}});
  EXPECT_EQ(next_change(tierless, lead_with(tierless, faded.awards, on_day(0)), on_day(0), 1).at, distant_future);
}

TEST(NextChange, NeedsOneLookWhereAScoreRestsOnItsMinimum) {
  const Program program =
      compile(engagement_model({event_rule("none", "engagement", 0), event_rule("fades", "engagement", 0, half_life(day)),
                                event_rule("window", "engagement", 0, window(day * 1000, day))}));
  const NextChange never =
      next_change(program, lead_with(program, {{0, on_day(0), 10}, {1, on_day(0), 5}}, on_day(0)), on_day(0), 1);
  EXPECT_TRUE(never.exact);
  EXPECT_EQ(never.at, distant_future);
  const NextChange window_end = next_change(program, lead_with(program, {{2, on_day(0), 10}}, on_day(0)), on_day(0), 256);
  EXPECT_TRUE(window_end.exact);
  EXPECT_EQ(window_end.at, on_day(1001));
}

TEST(NextChange, TakesAGraceForConstant) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0, half_life(day, day * 5))}));
  const NextChange change = next_change(program, lead_with(program, {{0, on_day(0), 10}}, on_day(0)), on_day(0), 256);
  EXPECT_TRUE(change.exact);
  EXPECT_EQ(change.at, on_day(5) + microsecond);
}

// A range alone cannot tell where a sum goes whose parts fade in both directions: to halve down to the microsecond takes some 90
// looks.
TEST(NextChange, NeedsFewLooksWherePartsFadeInBothDirections) {
  constexpr std::int64_t few = 12;
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0, half_life(day * 30)),
                                                    event_rule("complaint", "engagement", 0, half_life(day * 7)),
                                                    event_rule("call", "engagement", 0, linear(day * 90))}));
  for (int penalty = 1; penalty <= 8; ++penalty) {
    SCOPED_TRACE(penalty);
    const State state = lead_with(program, {{0, on_day(0), 45.5}, {1, on_day(0), -1.0 * penalty}, {2, on_day(0), 3}}, on_day(0));
    const NextChange found = next_change(program, state, on_day(0), few);
    EXPECT_TRUE(found.exact);
    EXPECT_EQ(tier_at(program, state, found.at - microsecond), tier_at(program, state, on_day(0)));
    EXPECT_NE(tier_at(program, state, found.at), tier_at(program, state, on_day(0)));
  }
}

TEST(NextChange, LooksNoFurtherThanAsked) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0, window(day * 7))}));
  const State state = lead_with(program, {{0, on_day(0), 15}}, on_day(3));
  EXPECT_EQ(next_change(program, state, on_day(3), 256, on_day(7) - microsecond).at, distant_future);
  EXPECT_EQ(next_change(program, state, on_day(3), 256, on_day(7)).at, on_day(7));
  EXPECT_EQ(next_change(program, state, on_day(3), 256, on_day(3)).at, distant_future);
}

TEST(NextChange, RefusesAnInstantBeforeTheHorizon) {
  const Program program = compile(engagement_model({}));
  EXPECT_THROW(static_cast<void>(next_change(program, lead_with(program, {}, on_day(3)), on_day(2))), InvalidArgument);
}

TEST(NextChange, FindsHalfLivesOfManyYearsToTheMicrosecond) {
  for (const std::int64_t years : {1, 10, 100, 10'000}) {
    const Program program = compile(engagement_model({event_rule("visit", "engagement", 0, half_life(day * 365 * years))}));
    const State state = lead_with(program, {{0, on_day(0), 50}}, on_day(0));
    const NextChange change = next_change(program, state, on_day(0), 10'000);
    EXPECT_TRUE(change.exact);
    EXPECT_EQ(tier_at(program, state, change.at), 1);
    EXPECT_EQ(tier_at(program, state, change.at - microsecond), 2);
    const double exact = static_cast<double>((day * 365 * years).count()) * std::log2(2.5);
    EXPECT_NEAR(static_cast<double>((change.at - on_day(0)).count()), exact, exact * 4e-16 + 1);
  }
}

TEST(NextChange, TakesExtremeInstants) {
  const Program program = compile(engagement_model(
      {event_rule("micro", "score", 0, half_life(microsecond)), event_rule("ages", "score", 0, half_life(day * 3'652'500)),
       event_rule("window", "score", 0, window(day, day)), event_rule("none", "score", 0)}));
  std::vector<RuleAward> awards;
  for (std::uint32_t rule = 0; rule < 4; ++rule) {
    for (const Instant at : {distant_past, distant_past + microsecond, on_day(0), distant_future - microsecond, distant_future}) {
      awards.push_back({rule, at, 6});
    }
  }
  for (const Instant horizon :
       {distant_past, distant_past + microsecond, on_day(0), distant_future - microsecond, distant_future}) {
    const State state = lead_with(program, awards, horizon);
    Instant from = horizon;
    for (int i = 0; i < 20; ++i) {
      const NextChange next = next_change(program, state, from, 5000);
      if (next.at == distant_future) break;
      EXPECT_GE(next.at, from);
      if (!next.exact) break;
      EXPECT_NE(tier_at(program, state, next.at), tier_at(program, state, next.at - microsecond));
      from = next.at;
    }
  }
}

// The first instant after `from` and not after `until` at which the tier is another one.
Instant scanned_change(const Program &program, const State &state, Instant from, Instant until) {
  const TierIndex tier = tier_at(program, state, from);
  for (Instant t = from + microsecond; t <= until; t += microsecond) {
    if (tier_at(program, state, t) != tier) return t;
  }
  return distant_future;
}

TEST(NextChange, AgreesWithADenseScanOnRandomModels) {
  int changes = 0;
  for (std::uint64_t seed = 1; seed <= 800; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit(random.integer(1, 30));
    const Program program = compile(lively_model(random, unit));
    History history = random_history(random, program, unit, 20);
    if (history.answers.empty()) history.answers = eligible_lead(program);
    history.answers[eligible_answer] = Answer::is_true;
    const State state = state_of(program, history, random_instant(random, Instant(unit * -20), unit));
    const Instant limit = state.horizon + unit * 30;
    for (Instant from = state.horizon; from < limit;) {
      const Instant expected = scanned_change(program, state, from, limit);
      const NextChange found = next_change(program, state, from);
      EXPECT_TRUE(found.exact);
      if (expected == distant_future) {
        EXPECT_GT(found.at, limit);
      } else {
        EXPECT_EQ(found.at, expected);
        ++changes;
      }
      from = expected;
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(changes, 150);
}

TEST(NextChange, PassesOverNoChangeWhateverItsBudget) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit(random.integer(1, 30));
    const Program program = compile(random_model(random, unit));
    History history = random_history(random, program, unit, 20);
    if (history.answers.empty()) history.answers = eligible_lead(program);
    const State state = state_of(program, history, instant(0));
    const NextChange exact = next_change(program, state, instant(0));
    for (const std::int64_t budget : {0, 1, 2, 5, 10, 30, 60, 100}) {
      const NextChange found = next_change(program, state, instant(0), budget);
      EXPECT_GE(found.at, instant(0));
      if (found.exact) {
        EXPECT_EQ(found.at, exact.at);
      }
      if (!found.exact) {
        EXPECT_LT(found.at, exact.at);
      }
    }
  }
}

TEST(NextChange, FindsAChangeExactlyWhereItIsOnLongScales) {
  int changes = 0;
  for (std::uint64_t seed = 1; seed <= 800; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Program program = compile(random_model(random, day));
    History history = random_history(random, program, day, 30);
    if (history.answers.empty()) history.answers = eligible_lead(program);
    const State state = state_of(program, history, random_instant(random, on_day(0), day));
    const TierIndex tier = tier_at(program, state, state.horizon);
    const NextChange found = next_change(program, state, state.horizon);
    EXPECT_TRUE(found.exact);
    const bool changes_once = found.at != distant_future;
    if (changes_once) {
      ++changes;
      EXPECT_NE(tier_at(program, state, found.at), tier);
      EXPECT_EQ(tier_at(program, state, found.at - microsecond), tier);
    }
    const Instant last = changes_once ? found.at - microsecond : on_day(10'000);
    for (int i = 0; i < 60 && last > state.horizon; ++i) {
      const Instant t = state.horizon + Duration(random.integer(0, (last - state.horizon).count()));
      EXPECT_EQ(tier_at(program, state, t), tier);
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(changes, 50);
}

TEST(NextChange, FindsTheEndOfAFadingThatNeverReachesZeroByItself) {
  ModelDefinition model = engagement_model({event_rule("spam", "engagement", -10, half_life(day))});
  model.tiers = {tier("low", 1), tier("fine", 2, {{"score", 0}})};
  const Program program = compile(model);
  const State state = state_of(program, {eligible_lead(program), {{0, on_day(0), -10}}}, on_day(0));
  const NextChange change = next_change(program, state, on_day(0), 10'000);
  ASSERT_TRUE(change.exact);
  EXPECT_EQ(tier_at(program, state, change.at - microsecond), 0);
  EXPECT_EQ(tier_at(program, state, change.at), 1);
}

// The instants at which the tier changes by time alone, from the state's horizon on.
std::vector<Instant> changes_of(const Program &program, const State &state) {
  std::vector<Instant> changes;
  for (Instant from = state.horizon; changes.size() < 20;) {
    const NextChange next = next_change(program, state, from, 256);
    EXPECT_TRUE(next.exact);
    if (!next.exact || next.at == distant_future) break;
    changes.push_back(from = next.at);
  }
  return changes;
}

using Instants = std::vector<Instant>;

TEST(NextChange, FindsWhereAFrequencyIsMetAndMissed) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 10)});
  model.event_rules[0].frequency = Frequency{.at_least = 2, .at_most = 2, .within = day * 7};
  const Program program = compile(model);
  const State state = lead_with(program, {{0, on_day(0), 1}, {0, on_day(2), 1}, {0, on_day(5), 1}}, on_day(1));
  EXPECT_EQ(changes_of(program, state), (Instants{on_day(2), on_day(5), on_day(7), on_day(9)}));
}

TEST(NextChange, FindsTheEndsOfSilences) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", -5)});
  model.dimensions[0].base = 22;
  model.event_rules[0].silence = Silence{.silent_for = day * 10, .repeats = true};
  const Program program = compile(model);
  EXPECT_EQ(changes_of(program, lead_with(program, {{0, on_day(0), 1}}, on_day(1))), (Instants{on_day(10), on_day(30)}));
  const State broken = lead_with(program, {{0, on_day(0), 1}, {0, on_day(12), 1}}, on_day(1));
  EXPECT_EQ(changes_of(program, broken), (Instants{on_day(10), on_day(12), on_day(22), on_day(42)}));
  const State created = state_of(program, {eligible_lead(program), {}, on_day(3)}, on_day(1));
  EXPECT_EQ(changes_of(program, created), (Instants{on_day(13), on_day(33)}));
}

TEST(NextChange, FindsAResetToCome) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 1), event_rule("close", "score", 0)});
  model.event_rules[1].resets = "score";
  const Program program = compile(model);
  const State state = lead_with(program, {{0, on_day(0), 25}, {1, on_day(4), 0}, {0, on_day(6), 12}}, on_day(1));
  EXPECT_EQ(changes_of(program, state), (Instants{on_day(4), on_day(6)}));
}

TEST(NextChange, FindsTheEndOfAGrant) {
  for (const Decay &decay : {window(day * 10), linear(day * 10)}) {
    ModelDefinition model = engagement_model({event_rule("hand raise", "engagement", 0, decay)});
    model.event_rules[0].grants = "hot";
    const Program program = compile(model);
    const State state = lead_with(program, {{0, on_day(2), 0}, {0, on_day(5), 0}}, on_day(1));
    EXPECT_EQ(changes_of(program, state), (Instants{on_day(2), on_day(15)}));
  }
}

TEST(NextChange, FindsWhereTheBestPartGivesWayToAnother) {
  ModelDefinition model =
      engagement_model({event_rule("visit", "engagement", 1, window(day * 5)), event_rule("call", "engagement", 1, window(day * 9)),
                        event_rule("mail", "engagement", 1)});
  for (const Combine combine : {Combine::max, Combine::first}) {
    model.dimensions[0].combine = combine;
    model.event_rules[1].position = 1;
    model.event_rules[2].position = 2;
    const Program program = compile(model);
    const State state = lead_with(program, {{0, on_day(0), 25}, {1, on_day(0), 12}, {2, on_day(0), 3}}, on_day(0));
    EXPECT_EQ(changes_of(program, state), (Instants{on_day(5), on_day(9)}));
  }
}

TEST(NextChange, FindsWhereAdjustmentsStartFadeAndEnd) {
  const Program program = compile(engagement_model({}));
  History history{eligible_lead(program), {}};
  history.adjustments = {adjusted(program, "engagement", on_day(2), 40, half_life(day * 10)),
                         adjusted(program, "score", on_day(50), 15)};
  history.adjustments[1].adjustment.until = on_day(60);
  EXPECT_EQ(changes_of(program, state_of(program, history, on_day(0))),
            (Instants{on_day(2), on_day(12) + microsecond, on_day(22) + microsecond, on_day(50), on_day(60)}));
}

TEST(NextChange, FindsWhereOverridesStartAndEnd) {
  const Program program = compile(engagement_model({}));
  History history{eligible_lead(program), {}};
  history.adjustments = {score_set(on_day(2), on_day(20), 15), tier_set(on_day(5), on_day(9), 2),
                         tier_set(on_day(30), on_day(40), 0)};
  EXPECT_EQ(changes_of(program, state_of(program, history, on_day(0))), (Instants{on_day(2), on_day(5), on_day(9), on_day(20)}))
      << "the last one sets what the lead has anyway";
}

TEST(NextChange, FindsThatAnOverrideBelowALatchedTierEnds) {
  ModelDefinition model = engagement_model({});
  model.tiers[2].latched = true;
  const Program program = compile(model);
  State state = state_of(program, {eligible_lead(program), {}, distant_past, {tier_set(on_day(2), on_day(20), 0)}}, on_day(5));
  state.latched = 2;
  const NextChange change = next_change(program, state, on_day(5));
  EXPECT_EQ(change.at, on_day(20));
  EXPECT_EQ(tier_at(program, state, on_day(20)), 2);
}

}  // namespace
}  // namespace leadscore::test

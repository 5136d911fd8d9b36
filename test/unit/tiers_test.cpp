// Grants, latched tiers, segments, overrides: which tier a lead is in.
#include "core/tiers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "core/advance.hpp"
#include "core/next_change.hpp"
#include "core/timeline.hpp"
#include "oracle.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

constexpr TierIndex cold = 0;
constexpr TierIndex warm = 1;
constexpr TierIndex hot = 2;

// A lead's write at an instant, as it would be stored first.
State stored(const Program &program, const History &history, Instant now) {
  return as_write(program, state_of(program, history, now), WriteKind::replace_all, Cause::lead, now);
}

// The stored state after all about the lead was replaced.
State replaced(const Program &program, const State &before, const History &history, Instant now) {
  return advance(program, before, program, stored(program, history, now));
}

TEST(Grant, HoldsTheTierWhateverItsMinimums) {
  ModelDefinition model = engagement_model({event_rule("hand raise", "engagement", 0)});
  model.event_rules[0].grants = "hot";
  const Program program = compile(model);
  EXPECT_FALSE(program.event_rules[0].slot) << "it is worth nothing";
  const State state = state_of(program, {eligible_lead(program), {{0, on_day(5), 0}}}, on_day(0));
  EXPECT_EQ(raw_tier_at(program, state, on_day(5) - microsecond), cold);
  EXPECT_EQ(raw_tier_at(program, state, on_day(5)), hot);
  EXPECT_EQ(raw_tier_at(program, state, on_day(9000)), hot);
}

TEST(Grant, LastsWhileItsAwardDoes) {
  const auto tier_with = [](const Decay &decay, Instant t) {
    ModelDefinition model = engagement_model({event_rule("hand raise", "engagement", 5, decay)});
    model.event_rules[0].grants = "warm";
    const Program program = compile(model);
    return raw_tier_at(program, state_of(program, {eligible_lead(program), {{0, on_day(0), 5}}}, on_day(0)), t);
  };
  EXPECT_EQ(tier_with(window(day * 10), on_day(10) - microsecond), warm);
  EXPECT_EQ(tier_with(window(day * 10), on_day(10)), cold);
  EXPECT_EQ(tier_with(linear(day * 10, 1, day), on_day(11) - microsecond), warm);
  EXPECT_EQ(tier_with(linear(day * 10, 1, day), on_day(11)), cold);
}

TEST(Grant, NeedsNoPointsThatCount) {
  ModelDefinition model = engagement_model({event_rule("hand raise", "engagement", 5)});
  model.event_rules[0].grants = "warm";
  model.event_rules[0].has_multiplier = true;
  const Program program = compile(model);
  EXPECT_EQ(raw_tier_at(program, state_of(program, {eligible_lead(program), {{0, on_day(0), std::nan("")}}}, on_day(0)), on_day(0)),
            warm);
}

TEST(Grant, GivesNoTierThatIsNotForTheLead) {
  ModelDefinition model = engagement_model({event_rule("hand raise", "engagement", 0)});
  model.event_rules[0].grants = "hot";
  model.tiers[2].has_applies_to = true;
  const Program program = compile(model);
  const std::vector<RuleAward> awards{{0, on_day(0), 0}};
  const auto tier_with = [&](Answer answer) {
    return raw_tier_at(program, state_of(program, {eligible_lead(program, answer), awards}, on_day(0)), on_day(0));
  };
  EXPECT_EQ(tier_with(Answer::is_true), hot);
  EXPECT_EQ(tier_with(Answer::is_false), cold);
  EXPECT_EQ(raw_tier_at(program, state_of(program, {{Answer::is_false, Answer::is_true}, awards}, on_day(0)), on_day(0)), no_tier);
}

TEST(Grant, LeavesAHigherTierAlone) {
  ModelDefinition model = engagement_model({event_rule("hand raise", "engagement", 25)});
  model.event_rules[0].grants = "warm";
  const Program program = compile(model);
  EXPECT_EQ(raw_tier_at(program, state_of(program, {eligible_lead(program), {{0, on_day(0), 25}}}, on_day(0)), on_day(0)), hot);
}

TEST(Segment, AsksCustomersForMorePoints) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 1)});
  model.tiers = {tier("prospect", 1, {{"score", 100}}), tier("customer", 2, {{"score", 200}})};
  for (TierDefinition &segment : model.tiers) segment.has_applies_to = true;
  const Program program = compile(model);
  const auto tier_of = [&](bool is_customer, double points) {
    const std::vector<Answer> answers{Answer::is_true, is_customer ? Answer::is_false : Answer::is_true,
                                      is_customer ? Answer::is_true : Answer::is_false};
    return raw_tier_at(program, state_of(program, {answers, {{0, on_day(0), points}}}, on_day(0)), on_day(0));
  };
  EXPECT_EQ(tier_of(false, 150), 0);
  EXPECT_EQ(tier_of(true, 150), no_tier);
  EXPECT_EQ(tier_of(true, 200), 1);
  EXPECT_EQ(tier_of(false, 99), no_tier);
}

// Rule `visit` gives what each event says; the tiers named so are latched.
ModelDefinition latching(std::initializer_list<TierIndex> latched, const Decay &decay = {}) {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 1, decay)});
  for (const TierIndex index : latched) model.tiers[static_cast<std::size_t>(index)].latched = true;
  return model;
}

TEST(Latched, IsNotLeftByAScoreThatFallsByAWrite) {
  const Program program = compile(latching({warm}));
  const std::vector<Answer> lead = eligible_lead(program);
  const State reached = stored(program, {lead, {{0, on_day(0), 12}}}, on_day(0));
  EXPECT_EQ(reached.latched, warm);
  const State fallen = replaced(program, reached, {lead, {}}, on_day(1));
  EXPECT_EQ(fallen.tier, warm);
  EXPECT_TRUE(fallen.changes.empty());
  EXPECT_EQ(tier_at(program, fallen, on_day(50)), warm);
  EXPECT_EQ(raw_tier_at(program, fallen, on_day(50)), cold);
  EXPECT_EQ(tier_at(program, state_of(program, {lead, {}}, on_day(1)), on_day(2)), cold)
      << "a state that is not stored has no past";
}

TEST(Latched, IsNotLeftByAScoreThatFadesUnseen) {
  const Program program = compile(latching({warm}, window(day * 10)));
  const State state = stored(program, {eligible_lead(program), {{0, on_day(5), 12}}}, on_day(0));
  EXPECT_EQ(state.tier, cold);
  EXPECT_EQ(tier_at(program, state, on_day(5)), warm);
  EXPECT_EQ(tier_at(program, state, on_day(15)), warm) << "nobody looked in between";
  EXPECT_EQ(tier_since(program, state, on_day(99)), on_day(5));
  const State later = replaced(program, state, {eligible_lead(program), {}}, on_day(99));
  EXPECT_EQ(later.tier, warm);
  ASSERT_EQ(later.changes.size(), 1U);
  EXPECT_EQ(later.changes[0].at, on_day(5));
}

TEST(Latched, HoldsForWhoWasInAHigherTier) {
  const Program program = compile(latching({warm}, window(day * 10)));
  const State state = stored(program, {eligible_lead(program), {{0, on_day(0), 25}}}, on_day(0));
  EXPECT_EQ(state.tier, hot);
  EXPECT_EQ(tier_at(program, state, on_day(10)), warm);
}

TEST(Latched, HoldsWhileItIsForTheLead) {
  ModelDefinition model = latching({warm, hot});
  model.tiers[2].has_applies_to = true;
  const Program program = compile(model);
  const std::vector<Answer> of_segment{Answer::is_true, Answer::is_true};
  const std::vector<Answer> of_none{Answer::is_true, Answer::is_false};
  const State reached = stored(program, {of_segment, {{0, on_day(0), 25}}}, on_day(0));
  EXPECT_EQ(reached.tier, hot);
  const State left = replaced(program, reached, {of_none, {}}, on_day(1));
  EXPECT_EQ(left.tier, warm) << "it was above warm, which is for everybody";
  EXPECT_EQ(replaced(program, left, {of_segment, {}}, on_day(2)).tier, hot);
}

TEST(Latched, HoldsAgainForWhoWasNotEligibleInBetween) {
  const Program program = compile(latching({warm}));
  const State reached = stored(program, {eligible_lead(program), {{0, on_day(0), 12}}}, on_day(0));
  const State gone = replaced(program, reached, {{Answer::is_false}, {}}, on_day(1));
  EXPECT_EQ(gone.tier, no_tier);
  EXPECT_EQ(replaced(program, gone, {eligible_lead(program), {}}, on_day(2)).tier, warm);
}

TEST(Latched, WaitsForALeadWhoseRowIsGone) {
  ModelDefinition model = latching({warm});
  model.tiers[1].has_applies_to = true;
  const Program program = compile(model);
  const State reached = stored(program, {eligible_lead(program), {{0, on_day(0), 12}}}, on_day(0));
  const State gone = replaced(program, reached, {{}, {{0, on_day(0), 12}}}, on_day(1));
  EXPECT_EQ(gone.tier, no_tier);
  EXPECT_EQ(gone.latched, warm);
  EXPECT_EQ(lowest_tier(program, gone, gone.latched), no_tier);
  EXPECT_EQ(next_change(program, gone, on_day(1)).at, distant_future);
  const State events =
      as_write(program, state_of(program, {{}, {{0, on_day(2), 1}}}, on_day(2)), WriteKind::add_events, Cause::event, on_day(2));
  EXPECT_EQ(advance(program, gone, program, events).tier, no_tier);
  EXPECT_EQ(replaced(program, gone, {eligible_lead(program), {}}, on_day(2)).tier, warm);
}

TEST(Latched, SurvivesAPublishByItsName) {
  const Program before = compile(latching({warm}));
  const State reached = stored(before, {eligible_lead(before), {{0, on_day(0), 12}}}, on_day(0));
  ModelDefinition next = latching({});
  next.version = 2;
  next.tiers.insert(next.tiers.begin(), tier("ice", 0));
  next.tiers[2].latched = true;
  const Program after = compile(next);
  const State write =
      as_write(after, state_of(after, {eligible_lead(after), {}}, on_day(1)), WriteKind::replace_all, Cause::publish, on_day(1));
  const State published = advance(before, reached, after, write);
  EXPECT_EQ(published.tier, 2);
  EXPECT_TRUE(published.changes.empty());
  next.tiers[2].name = "tepid";
  EXPECT_EQ(advance(before, reached, compile(next), write).tier, 1) << "another name is another tier";
  next.tiers[2] = tier("warm", 2, {{"score", 10}});
  EXPECT_EQ(advance(before, reached, compile(next), write).tier, 1) << "it is latched no more";
}

TEST(Override, LatchesNothing) {
  const Program program = compile(latching({hot}));
  for (const LabelledAdjustment &set : {score_set(on_day(0), on_day(9), 50), tier_set(on_day(0), on_day(9), hot)}) {
    const State state = stored(program, {eligible_lead(program), {}, distant_past, {set}}, on_day(1));
    EXPECT_EQ(state.tier, hot);
    EXPECT_EQ(state.latched, no_tier);
    EXPECT_EQ(tier_at(program, state, on_day(9)), cold);
  }
}

TEST(Override, OfTheTierIsStrongerThanALatchAndLeavesItAsItWas) {
  const Program program = compile(latching({hot}));
  State state = stored(program, {eligible_lead(program), {{0, on_day(0), 25}}}, on_day(0));
  state = replaced(program, state, {eligible_lead(program), {}, distant_past, {tier_set(on_day(1), on_day(9), cold)}}, on_day(1));
  EXPECT_EQ(state.tier, cold);
  EXPECT_EQ(state.due_at, on_day(9));
  EXPECT_EQ(tier_at(program, state, on_day(9)), hot);
}

TEST(Override, LetsTheLeadLatchWhenItEnds) {
  // Hot by a person until day 9, and by points from day 5 to day 20: latched on day 9, whether somebody looks then or not.
  const Program program = compile(latching({hot}, window(day * 15)));
  const History history{eligible_lead(program), {{0, on_day(5), 25}}, distant_past, {score_set(on_day(0), on_day(9), 50)}};
  const State state = stored(program, history, on_day(1));
  EXPECT_EQ(tier_at(program, state, on_day(12)), hot);
  EXPECT_EQ(tier_at(program, state, on_day(30)), hot);
  EXPECT_EQ(tier_since(program, state, on_day(30)), on_day(1));
  EXPECT_EQ(next_change(program, state, on_day(1)).at, distant_future);
  const State write = as_write(program, empty_state(program), WriteKind::nothing, Cause::time, on_day(12));
  const State seen = advance(program, state, program, write);
  EXPECT_EQ(seen.latched, hot);
  EXPECT_EQ(tier_at(program, seen, on_day(30)), hot);
  EXPECT_EQ(replaced(program, state, {eligible_lead(program), {}}, on_day(12)).tier, hot);
}

// What the definition says of each tier; none if a value lies too close to a minimum to tell.
std::optional<TierIndex> oracle_tier(const ModelDefinition &model, const Program &program, const History &history, Instant t) {
  if (history.answers.empty() || history.answers[eligible_answer] != Answer::is_true) return no_tier;
  const std::map<std::string, OracleValue> values = oracle_values(model, history, t);
  TierIndex highest = no_tier;
  for (std::size_t i = 0; i < model.tiers.size(); ++i) {
    const TierDefinition &tier = model.tiers[i];
    bool holds = true;
    for (const TierMinimum &minimum : tier.minimums) {
      const OracleValue &value = values.at(minimum.dimension);
      if (std::abs(value.value - minimum.minimum) <= 1e-9 * value.magnitude) return std::nullopt;
      holds = holds && value.value >= minimum.minimum;
    }
    const std::optional<AnswerIndex> &asked = program.tiers[i].applies_to;
    if (asked && history.answers[*asked] != Answer::is_true) continue;
    if (holds || oracle_grants(model, history, tier.name, t)) highest = static_cast<TierIndex>(i);
  }
  return highest;
}

TEST(Tier, AgreesWithTheOracleOnRandomModels) {
  int looked_at = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const ModelDefinition model = random_model(random, day);
    const Program program = compile(model);
    const History history = random_history(random, program, day, 20);
    const State state = state_of(program, history, random_instant(random, on_day(-20), day));
    for (int i = 0; i < 4; ++i) {
      const Instant t = random_instant(random, state.horizon, day);
      const std::optional<TierIndex> expected = oracle_tier(model, program, history, t);
      if (!expected || override_at(state, AdjustmentKind::tier, t) != nullptr) continue;
      EXPECT_EQ(raw_tier_at(program, state, t), *expected) << t.time_since_epoch().count();
      ++looked_at;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(looked_at, 5000);
}

}  // namespace
}  // namespace leadscore::test

#include "core/advance.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "core/error.hpp"
#include "core/next_change.hpp"
#include "core/timeline.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

constexpr TierIndex cold = 0;
constexpr TierIndex warm = 1;
constexpr TierIndex hot = 2;

// Rules `visit`, that fades, and `call`, that does not; tiers from 10 and from 20 points.
class Advance : public ::testing::Test {
 protected:
  Advance()
      : model_(engagement_model({event_rule("visit", "engagement", 0, half_life(day * 30)), event_rule("call", "engagement", 0)})),
        program_(compile(model_)) {}

  [[nodiscard]] State lead(Instant now, Cause cause = Cause::lead) const {
    return as_write(program_, state_of(program_, {eligible_lead(program_), {}}, now), WriteKind::replace_lead, cause, now);
  }
  [[nodiscard]] State events(std::vector<RuleAward> awards, Instant now, WriteKind kind = WriteKind::add_events) const {
    return as_write(program_, state_of(program_, {{}, std::move(awards)}, now), kind, Cause::event, now);
  }
  [[nodiscard]] State over(const State &stored, const State &write) const { return advance(program_, stored, program_, write); }
  [[nodiscard]] State time_passed(const State &stored, Instant now) const {
    return over(stored, as_write(program_, empty_state(program_), WriteKind::nothing, Cause::time, now));
  }

  ModelDefinition model_;
  Program program_;
};

TierChange change(Instant at, TierIndex from, TierIndex to, double score, Cause cause) {
  return {
      .at = at, .from_version = from == no_tier ? 0 : 1, .from = from, .to = to, .has_score = true, .score = score, .cause = cause};
}

TEST_F(Advance, RecordsTheFirstTierOfAWriteThatIsStoredAsItIs) {
  const State state = lead(on_day(3));
  EXPECT_EQ(state.tier, cold);
  EXPECT_EQ(state.tier_since, on_day(3));
  EXPECT_EQ(state.due_at, distant_future);
  EXPECT_EQ(state.write, WriteKind::replace_lead);
  EXPECT_EQ(state.cause, Cause::lead);
  EXPECT_EQ(state.changes, std::vector{change(on_day(3), no_tier, cold, 0, Cause::lead)});
}

TEST_F(Advance, PlacesLeadsSilentlyWhenPublished) {
  const State state = lead(on_day(3), Cause::publish);
  EXPECT_EQ(state.tier, cold);
  EXPECT_EQ(state.tier_since, on_day(3));
  EXPECT_TRUE(state.changes.empty());
}

TEST_F(Advance, RecordsNothingForEventsWithoutALead) {
  const State state = events({{1, on_day(1), 50}}, on_day(3));
  EXPECT_EQ(state.tier, no_tier);
  EXPECT_EQ(state.tier_since, distant_past);
  EXPECT_TRUE(state.changes.empty());
  EXPECT_EQ(state.due_at, distant_future);
}

TEST_F(Advance, AddsEventsAndRecordsTheChange) {
  const State state = over(lead(on_day(3)), events({{1, on_day(4), 12}}, on_day(5)));
  EXPECT_EQ(state.tier, warm);
  EXPECT_EQ(state.tier_since, on_day(5));
  EXPECT_EQ(state.horizon, on_day(5));
  EXPECT_EQ(state.last_event_at, on_day(4));
  EXPECT_TRUE(state.has_lead);
  EXPECT_EQ(state.changes, std::vector{change(on_day(5), cold, warm, 12, Cause::event)});
  const State more = over(state, events({{1, on_day(6), 3}}, on_day(6)));
  EXPECT_EQ(more.tier, warm);
  EXPECT_EQ(more.tier_since, on_day(5));
  EXPECT_TRUE(more.changes.empty());
}

TEST_F(Advance, AddsNothingButTheEventsOfAWriteOfEvents) {
  State write = events({{1, on_day(4), 12}}, on_day(5));
  write.has_lead = true;
  write.answers = {Answer::is_false};
  EXPECT_TRUE(is_eligible(over(lead(on_day(3)), write)));
}

TEST_F(Advance, ReplacesEvents) {
  const State stored = over(lead(on_day(3)), events({{1, on_day(4), 30}}, on_day(4)));
  const State state = over(stored, events({{1, on_day(2), 12}}, on_day(5), WriteKind::replace_events));
  EXPECT_EQ(state.last_event_at, on_day(2));
  EXPECT_TRUE(state.has_lead);
  EXPECT_EQ(state.changes, std::vector{change(on_day(5), hot, warm, 12, Cause::event)});
  const State none = over(state, events({}, on_day(6), WriteKind::replace_events));
  EXPECT_EQ(none.last_event_at, distant_past);
  EXPECT_EQ(none.tier, cold);
}

TEST_F(Advance, ReplacesTheLeadAndKeepsItsEvents) {
  const State stored = events({{1, on_day(4), 30}}, on_day(4));
  const State state = over(stored, lead(on_day(5)));
  EXPECT_EQ(state.last_event_at, on_day(4));
  EXPECT_EQ(state.changes, std::vector{change(on_day(5), no_tier, hot, 30, Cause::lead)});
}

TEST_F(Advance, RecordsThatALeadWasRemoved) {
  const State stored = over(lead(on_day(3)), events({{1, on_day(4), 30}}, on_day(4)));
  const State state = over(stored, as_write(program_, empty_state(program_), WriteKind::replace_lead, Cause::lead, on_day(5)));
  EXPECT_FALSE(state.has_lead);
  EXPECT_EQ(state.tier, no_tier);
  TierChange expected = change(on_day(5), hot, no_tier, 0, Cause::lead);
  expected.has_score = false;
  EXPECT_EQ(state.changes, std::vector{expected});
  EXPECT_EQ(state.tier_since, on_day(5));
  EXPECT_EQ(state.sums.size(), 1U);
}

TEST_F(Advance, TakesTheTierOfALeadThatIsNoMoreEligible) {
  State write = state_of(program_, {{Answer::unknown}, {}}, on_day(5));
  write = as_write(program_, write, WriteKind::replace_lead, Cause::lead, on_day(5));
  const State state = over(lead(on_day(3)), write);
  EXPECT_EQ(state.tier, no_tier);
  ASSERT_EQ(state.changes.size(), 1U);
  EXPECT_FALSE(state.changes[0].has_score);
  const State back = over(state, lead(on_day(6), Cause::publish));
  EXPECT_EQ(back.changes, std::vector{change(on_day(6), no_tier, cold, 0, Cause::publish)}) << "it is not its first tier";
}

TEST_F(Advance, ReplacesAll) {
  const State stored = over(lead(on_day(3)), events({{1, on_day(4), 30}}, on_day(4)));
  State write = state_of(program_, {eligible_lead(program_), {{1, on_day(1), 12}}}, on_day(5));
  write = as_write(program_, write, WriteKind::replace_all, Cause::rebuild, on_day(5));
  const State state = over(stored, write);
  EXPECT_EQ(state.last_event_at, on_day(1));
  EXPECT_EQ(state.changes, std::vector{change(on_day(5), hot, warm, 12, Cause::rebuild)});
  EXPECT_EQ(over(state, write).changes, std::vector<TierChange>{});
}

TEST_F(Advance, RecordsWhatTimeAloneBroughtAboutAtItsOwnInstant) {
  const State stored = over(lead(on_day(0)), events({{0, on_day(0), 40}}, on_day(0)));
  EXPECT_EQ(stored.tier, hot);
  EXPECT_EQ(stored.due_at, on_day(30) + microsecond);
  const State early = time_passed(stored, on_day(30));
  EXPECT_TRUE(early.changes.empty());
  EXPECT_EQ(early.due_at, stored.due_at);
  EXPECT_EQ(early.horizon, on_day(30));
  const State late = time_passed(early, on_day(70));
  ASSERT_EQ(late.changes.size(), 2U);
  EXPECT_EQ(late.changes[0].at, on_day(30) + microsecond);
  EXPECT_EQ(late.changes[0].from, hot);
  EXPECT_EQ(late.changes[0].to, warm);
  EXPECT_NEAR(late.changes[0].score, 20, 1e-9);
  EXPECT_EQ(late.changes[0].cause, Cause::time);
  EXPECT_EQ(late.changes[1].at, on_day(60) + microsecond);
  EXPECT_EQ(late.changes[1].to, cold);
  EXPECT_EQ(late.tier_since, late.changes[1].at);
  EXPECT_EQ(late.due_at, distant_future);
}

TEST_F(Advance, TellsSinceWhenATierHasHeldWithoutAWriteThatRecordedIt) {
  const State stored = over(lead(on_day(0)), events({{0, on_day(0), 40}}, on_day(0)));
  for (const int days : {0, 29, 30, 31, 59, 60, 61, 1000}) {
    EXPECT_EQ(tier_since(program_, stored, on_day(days)), time_passed(stored, on_day(days)).tier_since) << days;
  }
  EXPECT_EQ(tier_since(program_, stored, on_day(31)), on_day(30) + microsecond);
  EXPECT_EQ(tier_since(program_, state_of(program_, {eligible_lead(program_), {}}, on_day(1)), on_day(2)), distant_past);
}

TEST_F(Advance, RecordsTimeBeforeTheWriteItself) {
  const State stored = over(lead(on_day(0)), events({{0, on_day(0), 40}}, on_day(0)));
  const State state = over(stored, events({{1, on_day(40), 50}}, on_day(40)));
  ASSERT_EQ(state.changes.size(), 2U);
  EXPECT_EQ(state.changes[0].cause, Cause::time);
  EXPECT_EQ(state.changes[0].to, warm);
  EXPECT_EQ(state.changes[1].at, on_day(40));
  EXPECT_EQ(state.changes[1].from, warm);
  EXPECT_EQ(state.changes[1].to, hot);
  EXPECT_EQ(state.changes[1].cause, Cause::event);
}

TEST_F(Advance, CountsAFutureEventWhenItsTimeComes) {
  const State stored = over(lead(on_day(0)), events({{1, on_day(9), 15}}, on_day(1)));
  EXPECT_EQ(stored.tier, cold);
  EXPECT_EQ(stored.due_at, on_day(9));
  EXPECT_EQ(time_passed(stored, on_day(20)).changes, std::vector{change(on_day(9), cold, warm, 15, Cause::time)});
}

TEST_F(Advance, TakesAWriteThatIsOlderThanTheStoredState) {
  const State stored = time_passed(lead(on_day(0)), on_day(10));
  const State state = over(stored, events({{1, on_day(4), 12}}, on_day(5)));
  EXPECT_EQ(state.horizon, on_day(10));
  EXPECT_EQ(state.changes, std::vector{change(on_day(10), cold, warm, 12, Cause::event)});
}

TEST_F(Advance, KeepsTheInstantAtWhichItIsDueIfItCan) {
  const State stored = over(lead(on_day(0)), events({{0, on_day(0), 40}}, on_day(0)));
  const State higher = over(stored, events({{0, on_day(1), 10}}, on_day(1)));
  EXPECT_FALSE(stored.due_early);
  EXPECT_EQ(higher.due_at, stored.due_at) << "no change comes before it";
  EXPECT_TRUE(higher.due_early) << "nor then";
  const State lower = over(stored, events({{0, on_day(1), -10}}, on_day(1)));
  EXPECT_LT(lower.due_at, stored.due_at);
  EXPECT_EQ(lower.due_at, next_change(program_, lower, on_day(1)).at);
  EXPECT_FALSE(lower.due_early);
}

TEST_F(Advance, IsDueWhenTheTierChangesOnceEverybodyIsScoredAnew) {
  const State stored = over(lead(on_day(0)), events({{0, on_day(0), 40}}, on_day(0)));
  const State early = over(stored, events({{0, on_day(1), 10}}, on_day(1)));
  const State anew = rescore(program_, early, program_, early, Cause::rebuild, on_day(1));
  EXPECT_EQ(anew.due_at, next_change(program_, early, on_day(1)).at);
  EXPECT_GT(anew.due_at, early.due_at);
  EXPECT_FALSE(anew.due_early);
}

// Two slots that cancel out at every instant, at the very minimum of a tier: only point by point can this be told.
TEST_F(Advance, IsDueEarlyIfTheNextChangeIsTooHardToFind) {
  ModelDefinition model =
      engagement_model({event_rule("up", "engagement", 0, half_life(day)), event_rule("down", "score", 0, half_life(day))});
  model.tiers = {tier("any", 1, {{"score", 0}})};
  const Program program = compile(model);
  const History history{eligible_lead(program), {{0, on_day(0), 10}, {1, on_day(0), -10}}};
  const State state = as_write(program, state_of(program, history, on_day(0)), WriteKind::replace_all, Cause::publish, on_day(0));
  const NextChange next = next_change(program, state, on_day(0), 256);
  EXPECT_FALSE(next.exact);
  EXPECT_EQ(state.due_at, next.at + microsecond);
  EXPECT_TRUE(state.due_early);
  const State later =
      advance(program, state, program, as_write(program, empty_state(program), WriteKind::nothing, Cause::time, on_day(3)));
  EXPECT_TRUE(later.changes.empty());
  EXPECT_GT(later.due_at, on_day(3));
}

TEST_F(Advance, LeavesWriteAndCauseNeutral) {
  const State state = over(lead(on_day(3)), events({{1, on_day(4), 12}}, on_day(5)));
  EXPECT_EQ(state.write, WriteKind::nothing);
  EXPECT_EQ(state.cause, Cause::time);
}

// A model whose score swings across a tier with every one of `count` events that count for a microsecond.
TEST_F(Advance, JumpsToThePresentWhenTimeBroughtAboutTooMuch) {
  const Program program = compile(engagement_model({event_rule("blip", "engagement", 0, window(microsecond))}));
  History history{eligible_lead(program), {}};
  for (int i = 1; i <= 600; ++i) history.awards.push_back({0, instant(std::int64_t{2} * i), 15});
  const State stored =
      as_write(program, state_of(program, history, instant(0)), WriteKind::replace_all, Cause::publish, instant(0));
  const State nothing = as_write(program, empty_state(program), WriteKind::nothing, Cause::time, instant(1200));
  const State state = advance(program, stored, program, nothing);
  ASSERT_EQ(state.changes.size(), 1001U);
  EXPECT_EQ(state.changes[999].at, instant(1001));
  EXPECT_EQ(state.changes[1000].at, instant(1200));
  EXPECT_EQ(state.tier, warm);
}

class AdvanceToVersion : public Advance {
 protected:
  AdvanceToVersion() : next_model_(model_) {
    next_model_.version = 2;
    next_model_.tiers.insert(next_model_.tiers.begin(), tier("ice", 0, {}));
    next_ = compile(next_model_);
  }

  [[nodiscard]] State write_of_next(double points, Instant now, WriteKind kind = WriteKind::replace_all) const {
    return as_write(next_, state_of(next_, {eligible_lead(next_), {{1, on_day(0), points}}}, now), kind, Cause::publish, now);
  }
  [[nodiscard]] State publish(const State &stored, const State &write) const { return advance(program_, stored, next_, write); }

  ModelDefinition next_model_;
  Program next_;
};

TEST_F(AdvanceToVersion, TakesTiersOfOneNameForTheSame) {
  const State stored = lead(on_day(3));
  const State state = publish(stored, write_of_next(5, on_day(5)));
  EXPECT_EQ(state.version, 2);
  EXPECT_EQ(state.tier, 1) << "cold has moved up by one";
  EXPECT_EQ(state.tier_since, on_day(3));
  EXPECT_TRUE(state.changes.empty());
}

TEST_F(AdvanceToVersion, RecordsAnotherTierAsAChange) {
  const State state = publish(lead(on_day(3)), write_of_next(15, on_day(5)));
  EXPECT_EQ(state.tier_since, on_day(5));
  EXPECT_EQ(state.changes, std::vector{change(on_day(5), cold, 2, 15, Cause::publish)});
  EXPECT_EQ(state.changes[0].from_version, 1);
}

TEST_F(AdvanceToVersion, RecordsTheFirstTierOfALeadThatWasStoredWithoutOne) {
  ModelDefinition without_tiers = model_;
  without_tiers.tiers.clear();
  const Program before = compile(without_tiers);
  const State stored =
      as_write(before, state_of(before, {eligible_lead(before), {}}, on_day(3)), WriteKind::replace_lead, Cause::lead, on_day(3));
  ASSERT_EQ(stored.tier, no_tier);
  const State state = advance(before, stored, next_, write_of_next(15, on_day(5)));
  EXPECT_EQ(state.changes, std::vector{change(on_day(5), no_tier, 2, 15, Cause::publish)});
}

TEST_F(AdvanceToVersion, RecordsATierThatIsNoMore) {
  next_model_.tiers.erase(next_model_.tiers.begin(), next_model_.tiers.begin() + 2);
  next_ = compile(next_model_);
  const State state = publish(lead(on_day(3)), write_of_next(5, on_day(5)));
  EXPECT_EQ(state.tier, no_tier);
  ASSERT_EQ(state.changes.size(), 1U);
  EXPECT_EQ(state.changes[0].from, cold);
  EXPECT_EQ(state.changes[0].to, no_tier);
}

TEST_F(AdvanceToVersion, StandsAtTheLaterHorizon) {
  const State state = publish(time_passed(lead(on_day(3)), on_day(9)), write_of_next(15, on_day(5)));
  EXPECT_EQ(state.horizon, on_day(9));
  EXPECT_EQ(state.tier_since, on_day(9));
}

TEST_F(AdvanceToVersion, LeavesTheStoredStateAloneWhenTimePasses) {
  const State stored = lead(on_day(3));
  State expected = stored;
  expected.changes.clear();
  EXPECT_EQ(publish(stored, as_write(next_, empty_state(next_), WriteKind::nothing, Cause::time, on_day(9))), expected);
}

TEST_F(AdvanceToVersion, RefusesToMixVersions) {
  for (const WriteKind kind : {WriteKind::add_events, WriteKind::replace_events, WriteKind::replace_lead}) {
    EXPECT_THROW(static_cast<void>(publish(lead(on_day(3)), write_of_next(15, on_day(5), kind))), InvalidArgument);
  }
}

TEST_F(AdvanceToVersion, RefusesWhatDoesNotBelongTogether) {
  const State stored = lead(on_day(3));
  EXPECT_THROW(static_cast<void>(advance(next_, stored, next_, write_of_next(1, on_day(5)))), InvalidArgument);
  EXPECT_THROW(static_cast<void>(advance(program_, stored, program_, write_of_next(1, on_day(5)))), InvalidState);
  State other = stored;
  other.model = 7;
  EXPECT_THROW(static_cast<void>(advance(program_, other, program_, stored)), InvalidArgument);
  State wrong_tier = stored;
  wrong_tier.tier = 9;
  EXPECT_THROW(static_cast<void>(publish(wrong_tier, write_of_next(1, on_day(5)))), InvalidState);
  EXPECT_THROW(static_cast<void>(over(wrong_tier, lead(on_day(5)))), InvalidState);
}

}  // namespace
}  // namespace leadscore::test

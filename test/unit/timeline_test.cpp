#include "core/timeline.hpp"

#include <gtest/gtest.h>

#include "core/advance.hpp"
#include "core/error.hpp"
#include "core/next_change.hpp"
#include "core/tiers.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

State random_stored(Random &random, const Program &program, Duration unit, Instant now) {
  History history = random_history(random, program, unit, 20);
  if (history.answers.empty()) history.answers = eligible_lead(program);
  history.answers[eligible_answer] = Answer::is_true;
  return as_write(program, state_of(program, history, now), WriteKind::replace_all, Cause::lead, now);
}

TEST(Timeline, RefusesAnInstantBeforeTheHorizon) {
  const Program program = compile(engagement_model({}));
  const State state = state_of(program, {eligible_lead(program), {}}, on_day(3));
  EXPECT_THROW(static_cast<void>(tier_at(program, state, on_day(2))), InvalidArgument);
  EXPECT_THROW(static_cast<void>(tier_since(program, state, on_day(2))), InvalidArgument);
}

TEST(Timeline, StandsStillInInfinity) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 1, window(day))}));
  const State state = as_write(program, state_of(program, {eligible_lead(program), {{0, on_day(0), 15}}}, on_day(0)),
                               WriteKind::replace_all, Cause::lead, on_day(0));
  EXPECT_EQ(tier_since(program, state, distant_future), on_day(1));
  EXPECT_EQ(tier_at(program, state, distant_future), 0);
}

TEST(Timeline, RemembersAsIfSomebodyHadLookedAtEveryInstant) {
  int changes = 0;
  int kept = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit(random.integer(1, 12));
    ModelDefinition model = lively_model(random, unit);
    for (TierDefinition &tier : model.tiers) tier.latched = tier.latched || random.chance(0.3);
    const Program program = compile(model);
    const State state = random_stored(random, program, unit, instant(0));
    Memory memory;
    TierIndex tier = memory.pass(program, state, instant(0));
    Instant since = state.tier_since;
    for (Instant t = instant(1); t < instant(0) + unit * 30; t += microsecond) {
      const TierIndex next = memory.pass(program, state, t);
      if (next != tier) {
        ++changes;
        since = t;
      }
      tier = next;
      kept += tier != raw_tier_at(program, state, t) ? 1 : 0;
      if (since != t && !random.chance(0.2)) continue;
      EXPECT_EQ(tier_at(program, state, t), tier) << t.time_since_epoch().count();
      EXPECT_EQ(tier_since(program, state, t), since) << t.time_since_epoch().count();
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(changes, 60);
  EXPECT_GT(kept, 100);
}

TEST(Timeline, NeedsNobodyWhoLooks) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit = random.chance(0.5) ? day : Duration(random.integer(1, 100));
    ModelDefinition model = lively_model(random, unit);
    for (TierDefinition &tier : model.tiers) tier.latched = tier.latched || random.chance(0.3);
    const Program program = compile(model);
    const State unseen = random_stored(random, program, unit, instant(0));
    State seen = unseen;
    for (int i = 0; i < 5; ++i) {
      const Instant now = seen.horizon + Duration(random.integer(1, 10 * unit.count()));
      seen = advance(program, seen, program, as_write(program, empty_state(program), WriteKind::nothing, Cause::time, now));
      const Instant later = random_instant(random, now, unit);
      for (const Instant t : {now, later}) {
        EXPECT_EQ(tier_at(program, seen, t), tier_at(program, unseen, t));
        EXPECT_EQ(tier_since(program, seen, t), tier_since(program, unseen, t));
        EXPECT_EQ(latched_at(program, seen, t), latched_at(program, unseen, t));
        EXPECT_EQ(next_change(program, seen, t).at, next_change(program, unseen, t).at);
      }
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace leadscore::test

#include "core/upper_bound.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

State lead_with(const Program &program, std::vector<RuleAward> awards, Instant horizon) {
  return state_of(program, {eligible_lead(program), std::move(awards)}, horizon);
}

TEST(UpperBound, OfAFadingScoreIsTheScoreItself) {
  const Program program = compile(engagement_model(
      {event_rule("visit", "engagement", 0, half_life(day * 30)), event_rule("call", "engagement", 0, window(day * 9))}));
  const State state = lead_with(program, {{0, on_day(0), 40}, {1, on_day(1), 7}}, on_day(2));
  for (const int later : {2, 5, 100}) {
    const double score = evaluate(program, state, on_day(later))[root_dimension];
    EXPECT_GE(upper_bound(program, state, on_day(later)), score);
    EXPECT_NEAR(upper_bound(program, state, on_day(later)), score, 1e-12);
  }
}

TEST(UpperBound, CountsWhatIsYetToCome) {
  const Program program = compile(engagement_model({event_rule("visit", "engagement", 0, half_life(day * 30))}));
  EXPECT_NEAR(upper_bound(program, lead_with(program, {{0, on_day(9), 40}}, on_day(0)), on_day(1)), 40, 1e-12);
  EXPECT_NEAR(upper_bound(program, lead_with(program, {{0, on_day(0), -40}}, on_day(0)), on_day(1)), 0, 1e-12);
}

TEST(UpperBound, KeepsAPenaltyThatStays) {
  const Program program = compile(engagement_model({event_rule("unsubscribed", "engagement", 0, window(day * 9)),
                                                    event_rule("spam", "engagement", 0, {DecayKind::none, day, 1, day * 3})}));
  EXPECT_NEAR(upper_bound(program, lead_with(program, {{1, on_day(0), -50}}, on_day(1)), on_day(1)), -50, 1e-12);
}

TEST(UpperBound, CountsAScoreSetByAPerson) {
  const Program program = compile(engagement_model({}));
  const State state =
      state_of(program, {eligible_lead(program), {}, distant_past, {score_set(on_day(2), on_day(20), 70)}}, on_day(0));
  EXPECT_EQ(upper_bound(program, state, on_day(0)), 70);
  EXPECT_EQ(upper_bound(program, state, on_day(10)), 70);
  EXPECT_EQ(upper_bound(program, state, on_day(20)), 0);
}

TEST(UpperBound, RefusesAnInstantBeforeTheHorizon) {
  const Program program = compile(engagement_model({}));
  EXPECT_THROW(static_cast<void>(upper_bound(program, lead_with(program, {}, on_day(3)), on_day(2))), InvalidArgument);
}

TEST(UpperBound, IsNeverExceeded) {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Program program = compile(random_model(random, day));
    const State state = state_of(program, random_history(random, program, day, 30), random_instant(random, on_day(-10), day));
    const Instant from = state.horizon + Duration(random.chance(0.5) ? 0 : random.integer(0, 50 * day.count()));
    const double bound = upper_bound(program, state, from);
    EXPECT_LE(evaluate(program, state, from)[root_dimension], bound);
    for (int i = 0; i < 40; ++i) {
      const Instant t = from + Duration(static_cast<std::int64_t>(std::exp(random.number(0, 40))));
      EXPECT_LE(evaluate(program, state, t)[root_dimension], bound);
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace leadscore::test

#include "core/ceiling.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/advance.hpp"
#include "core/state_codec.hpp"
#include "core/upper_bound.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

Program model_ranked_above(double score) {
  Program program = compile(engagement_model({event_rule("visit", "engagement", 0, half_life(day * 30))}));
  program.ranked_above = score;
  return program;
}

State written(const Program &program, double points, WriteKind kind = WriteKind::replace_all, std::int64_t on = 0) {
  const State state =
      state_of(program, {kind == WriteKind::add_events ? std::vector<Answer>{} : eligible_lead(program), {{0, on_day(on), points}}},
               on_day(on));
  return as_write(program, state, kind, Cause::event, on_day(on));
}

TEST(Ceiling, IsLittleAboveTheScore) {
  const Program program = model_ranked_above(10);
  for (const double points : {10.001, 11.0, 12.5, 100.0, 777.0, 1e9, 1e290}) {
    const double ceiling = written(program, points).ceiling;
    EXPECT_GE(ceiling, points);
    EXPECT_LE(ceiling, points * (1 + 1.0 / 64));
  }
}

TEST(Ceiling, HasOnlyWhoIsRanked) {
  EXPECT_EQ(written(model_ranked_above(10), 10 - 1e-9).ceiling, not_ranked);
  EXPECT_GE(written(model_ranked_above(not_ranked), -7).ceiling, 0);  // a penalty fades
  EXPECT_EQ(written(model_ranked_above(10), 50, WriteKind::add_events).ceiling, not_ranked);
  Program program = model_ranked_above(10);
  State state = state_of(program, {eligible_lead(program), {{0, on_day(0), 50}}}, on_day(0));
  state.answers.set(eligible_answer, Answer::is_false);
  EXPECT_EQ(as_write(program, state, WriteKind::replace_all, Cause::lead, on_day(0)).ceiling, not_ranked);
}

TEST(Ceiling, StaysWhereItHolds) {
  const Program program = model_ranked_above(10);
  const State stored = written(program, 129);
  EXPECT_EQ(stored.ceiling, 130);
  const State little_more = advance(program, stored, program, written(program, 0.5, WriteKind::add_events));
  EXPECT_EQ(little_more.ceiling, 130);
  const State more = advance(program, little_more, program, written(program, 5, WriteKind::add_events));
  EXPECT_EQ(more.ceiling, 136);
  const State day_later = advance(program, more, program, written(program, 0, WriteKind::nothing, 1));
  EXPECT_EQ(day_later.ceiling, 136);
  EXPECT_FALSE(has_stale_ceiling(program, more, on_day(1)));
  EXPECT_TRUE(has_stale_ceiling(program, more, on_day(30)));
  const State month_later = advance(program, more, program, written(program, 0, WriteKind::nothing, 30));
  EXPECT_EQ(month_later.ceiling, 68);
  EXPECT_FALSE(has_stale_ceiling(program, month_later, on_day(30)));
  EXPECT_TRUE(has_stale_ceiling(program, month_later, on_day(300)));
  EXPECT_EQ(advance(program, more, program, written(program, 0, WriteKind::nothing, 300)).ceiling, not_ranked);
}

TEST(Ceiling, IsPartOfTheStoredState) {
  const Program program = model_ranked_above(10);
  for (const double points : {5.0, 50.0}) {
    const State state = written(program, points);
    const std::vector<std::byte> bytes = encode(state);
    EXPECT_EQ(decode(bytes), state);
    EXPECT_EQ(decode_ceiling(bytes).value_or(not_ranked), state.ceiling);
    EXPECT_FALSE(decode_ceiling(std::span(bytes).first(17)));
  }
}

TEST(Ceiling, IsNeverExceeded) {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Program program = compile(random_model(random, day));
    program.ranked_above = random.chance(0.5) ? not_ranked : random.number(-20, 60);
    const Instant start = random_instant(random, on_day(-10), day);
    State state = as_write(program, state_of(program, random_history(random, program, day, 30), start), WriteKind::replace_all,
                           Cause::rebuild, start);
    const State later = as_write(program, state_of(program, random_history(random, program, day, 5), start + day),
                                 WriteKind::add_events, Cause::event, start + day);
    if (random.chance(0.7)) state = advance(program, state, program, later);
    if (!state.has_lead || !is_eligible(state)) {
      EXPECT_EQ(state.ceiling, not_ranked);
      continue;
    }
    const double limit = std::max(state.ceiling, program.ranked_above);
    for (int i = 0; i < 40; ++i) {
      const Instant t = state.horizon + Duration(static_cast<std::int64_t>(std::exp(random.number(0, 40))));
      EXPECT_LE(evaluate(program, state, t)[root_dimension], limit);
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace leadscore::test

#include "core/state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

#include "core/error.hpp"
#include "oracle.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

const Decay all_decays[] = {Decay{}, half_life(day * 10), linear(day * 10), step(day * 10, 0.5), window(day * 10)};

// A program with one rule, and so one slot, for each decay.
Program program_of_all_decays() {
  ModelDefinition model;
  for (const Decay &decay : all_decays) model.event_rules.push_back(event_rule("rule", "score", 1, decay));
  return compile(model);
}

// Expects two states to say the same but for rounding, relative to what the history is made of.
void expect_alike(const ModelDefinition &model, const Program &program, const History &history, const State &a, const State &b,
                  Instant t) {
  const std::vector<double> left = evaluate(program, a, t);
  const std::vector<double> right = evaluate(program, b, t);
  const std::map<std::string, OracleValue> values = oracle_values(model, history, t);
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double magnitude = values.at(program.dimensions[i].path).magnitude;
    EXPECT_NEAR(left[i], right[i], 1e-12 * magnitude + 1e-300) << program.dimensions[i].path;
  }
}

// Expects the same parts, numbers alike but for rounding.
void expect_same_shape(const State &a, const State &b) {
  EXPECT_EQ(a.horizon, b.horizon);
  EXPECT_EQ(a.last_event_at, b.last_event_at);
  EXPECT_EQ(a.answers, b.answers);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.adjustments, b.adjustments);
  ASSERT_EQ(a.awards.size(), b.awards.size());
  for (std::size_t i = 0; i < a.awards.size(); ++i) {
    EXPECT_EQ(a.awards[i].slot, b.awards[i].slot);
    EXPECT_EQ(a.awards[i].at, b.awards[i].at);
    EXPECT_NEAR(a.awards[i].points, b.awards[i].points, 1e-12);
  }
  ASSERT_EQ(a.sums.size(), b.sums.size());
  for (std::size_t i = 0; i < a.sums.size(); ++i) EXPECT_EQ(a.sums[i].slot, b.sums[i].slot);
}

bool is_canonical(const Program &program, const State &state) {
  const auto sums_rise = [](const Sum &a, const Sum &b) { return a.slot >= b.slot; };
  // Of a limited slot, awards of one instant stand side by side.
  const auto awards_rise = [&](const Award &a, const Award &b) {
    if (a.slot != b.slot || a.at != b.at) return std::tie(a.slot, a.at) > std::tie(b.slot, b.at);
    return !program.slots[a.slot].limit || a.points < b.points;
  };
  const auto adjustments_rise = [](const Adjustment &a, const Adjustment &b) {
    return std::tie(a.at, a.id) > std::tie(b.at, b.id);
  };
  return std::adjacent_find(state.sums.begin(), state.sums.end(), sums_rise) == state.sums.end() &&
         std::adjacent_find(state.awards.begin(), state.awards.end(), awards_rise) == state.awards.end() &&
         std::adjacent_find(state.adjustments.begin(), state.adjustments.end(), adjustments_rise) == state.adjustments.end() &&
         std::none_of(state.sums.begin(), state.sums.end(), [](const Sum &sum) { return sum.mantissa == 0; }) &&
         std::none_of(state.awards.begin(), state.awards.end(), [](const Award &award) { return award.points == 0; });
}

TEST(EmptyState, IsNeutral) {
  const Program program = program_of_all_decays();
  EXPECT_TRUE(is_empty(empty_state(program)));
  const State state = state_of(program, {eligible_lead(program), {{1, on_day(0), 5}, {4, on_day(1), 5}}}, on_day(2));
  State left = empty_state(program);
  merge(program, left, state);
  State right = state;
  merge(program, right, empty_state(program));
  EXPECT_EQ(left, state);
  EXPECT_EQ(right, state);
}

TEST(EmptyState, IsNotEmptyOnceALeadOrAnEventWentIn) {
  const Program program = program_of_all_decays();
  State seen = empty_state(program);
  note_event(seen, on_day(1));
  EXPECT_FALSE(is_empty(seen));
  State lead = empty_state(program);
  lead.has_lead = true;
  lead.answers = {Answer::unknown};
  EXPECT_FALSE(is_empty(lead));
  State waiting = empty_state(program);
  fold(program, waiting, on_day(5));
  EXPECT_TRUE(is_empty(waiting));
}

TEST(NoteEvent, KeepsTheLatest) {
  State state;
  EXPECT_EQ(state.last_event_at, distant_past);
  note_event(state, on_day(2));
  note_event(state, on_day(1));
  EXPECT_EQ(state.last_event_at, on_day(2));
}

TEST(AddAward, IgnoresWhatIsNoNumberOfPoints) {
  State state;
  for (const double points : {0.0, -0.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    add_award(state, 0, on_day(0), points);
  }
  EXPECT_TRUE(state.awards.empty());
}

TEST(Fold, TurnsAwardsIntoSumsWhereItCan) {
  const Program program = program_of_all_decays();
  History history;
  for (std::uint32_t rule = 0; rule < 5; ++rule) history.awards.push_back({rule, on_day(0), 4});
  const State state = state_of(program, history, on_day(1));
  ASSERT_EQ(state.sums.size(), 2U);
  EXPECT_EQ(state.sums[0], (Sum{.slot = 0, .exponent = 0, .mantissa = 4}));
  EXPECT_EQ(state.sums[1].slot, 1U);
  ASSERT_EQ(state.awards.size(), 3U);
  EXPECT_EQ(state.awards[0], (Award{.slot = 2, .at = on_day(0), .points = 4}));
}

TEST(Fold, NeverMovesTheHorizonBack) {
  const Program program = program_of_all_decays();
  State state = empty_state(program);
  fold(program, state, on_day(3));
  fold(program, state, on_day(1));
  EXPECT_EQ(state.horizon, on_day(3));
}

TEST(Fold, LeavesTheFutureAndTheGraceAlone) {
  ModelDefinition model;
  model.event_rules = {event_rule("none", "score", 1, {DecayKind::none, day, 1, day * 9}),
                       event_rule("half", "score", 1, half_life(day * 10, day * 2))};
  const Program program = compile(model);
  State state = state_of(program, {{}, {{0, on_day(5), 1}, {1, on_day(5), 1}}}, on_day(5) - microsecond);
  EXPECT_EQ(state.awards.size(), 2U);
  fold(program, state, on_day(5));
  EXPECT_EQ(state.awards.size(), 1U);
  fold(program, state, on_day(7) - microsecond);
  EXPECT_EQ(state.awards.size(), 1U);
  fold(program, state, on_day(7));
  EXPECT_TRUE(state.awards.empty());
  EXPECT_EQ(state.sums.size(), 2U);
}

TEST(Fold, DropsWhatIsOver) {
  ModelDefinition model;
  model.event_rules = {event_rule("window", "score", 1, window(day)), event_rule("linear", "score", 1, linear(day, 0.5)),
                       event_rule("step", "score", 1, step(day, 1))};
  const Program program = compile(model);
  State state = state_of(program, {{}, {{0, on_day(0), 1}, {1, on_day(0), 1}, {2, on_day(0), 1}}}, on_day(1) - microsecond);
  EXPECT_EQ(state.awards.size(), 3U);
  fold(program, state, on_day(1));
  EXPECT_EQ(state.awards.size(), 1U);
  fold(program, state, on_day(2));
  EXPECT_TRUE(state.awards.empty());
}

TEST(Fold, AddsAwardsOfOneInstantTogether) {
  const Program program = program_of_all_decays();
  const State state =
      state_of(program, {{}, {{4, on_day(0), 4}, {4, on_day(1), 2}, {4, on_day(0), -1}, {4, on_day(1), -2}}}, on_day(1));
  ASSERT_EQ(state.awards.size(), 1U);
  EXPECT_EQ(state.awards[0], (Award{.slot = 4, .at = on_day(0), .points = 3}));
}

TEST(Fold, LetsSumsOfZeroVanish) {
  const Program program = program_of_all_decays();
  for (const std::uint32_t rule : {0U, 1U}) {
    EXPECT_TRUE(state_of(program, {{}, {{rule, on_day(0), 4}, {rule, on_day(0), -4}}}, on_day(1)).sums.empty());
    State state = state_of(program, {{}, {{rule, on_day(0), 4}}}, on_day(1));
    merge(program, state, state_of(program, {{}, {{rule, on_day(0), -4}}}, on_day(2)));
    EXPECT_TRUE(state.sums.empty());
  }
}

TEST(Fold, LetsSumsVanishThatAreWorthNothingAnyMore) {
  const Program program = program_of_all_decays();
  State state = state_of(program, {{}, {{1, on_day(0), 4}}}, on_day(1));
  fold(program, state, on_day(9'600));
  EXPECT_EQ(state.sums.size(), 1U);
  fold(program, state, on_day(9'700));
  EXPECT_TRUE(state.sums.empty());
}

TEST(Fold, GivesEqualSumsForEqualWorth) {
  const Program program = program_of_all_decays();
  // 8 at day 0 are 4 at day 10, and 3 of 4 taken away leave the same as 1.
  const State early = state_of(program, {{}, {{1, on_day(0), 8}}}, on_day(10));
  const State late = state_of(program, {{}, {{1, on_day(10), 4}}}, on_day(10));
  EXPECT_EQ(early.sums, late.sums);
  EXPECT_EQ(state_of(program, {{}, {{1, on_day(0), 8}, {1, on_day(10), -3}}}, on_day(10)).sums,
            state_of(program, {{}, {{1, on_day(10), 1}}}, on_day(10)).sums);
}

TEST(Fold, SurvivesInstantsThatLieFarApart) {
  ModelDefinition model;
  model.event_rules = {event_rule("micro", "score", 1, half_life(microsecond)), event_rule("day", "score", 1, half_life(day))};
  const Program program = compile(model);
  const Instant late = distant_future - microsecond;
  for (const std::uint32_t rule : {0U, 1U}) {
    const State state = state_of(program, {{}, {{rule, distant_past + microsecond, 1e300}, {rule, late, 1}}}, late);
    EXPECT_DOUBLE_EQ(evaluate(program, state, late)[root_dimension], 1);
  }
}

TEST(Fold, AtAnyHorizonInBetweenChangesNothingAfterwards) {
  for (std::uint64_t seed = 1; seed <= 700; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit = random.chance(0.5) ? day : Duration(random.integer(1, 1000));
    const ModelDefinition model = random_model(random, unit);
    const Program program = compile(model);
    const History history = random_history(random, program, unit, 20);
    State state = state_of(program, history, distant_past);
    for (int i = 0; i < 5; ++i) {
      fold(program, state, random_instant(random, Instant(unit * (i * 10 - 30)), unit));
      EXPECT_TRUE(is_canonical(program, state));
      expect_as_oracle(model, program, history, state, random_instant(random, state.horizon, unit));
    }
    const State at_once = state_of(program, history, state.horizon);
    expect_same_shape(at_once, state);
    if (HasFailure()) return;
  }
}

TEST(Fold, IsIdempotent) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Program program = compile(random_model(random, day));
    const State state = state_of(program, random_history(random, program, day, 20), on_day(30));
    State again = state;
    fold(program, again, on_day(30));
    EXPECT_EQ(again, state);
  }
}

TEST(Merge, TakesTheLaterHorizonAndEvent) {
  const Program program = program_of_all_decays();
  State state = state_of(program, {{}, {{0, on_day(8), 1}}}, on_day(9));
  merge(program, state, state_of(program, {{}, {{0, on_day(20), 1}}}, on_day(5)));
  EXPECT_EQ(state.horizon, on_day(9));
  EXPECT_EQ(state.last_event_at, on_day(20));
}

TEST(Merge, PrefersWhoKnowsMoreAboutTheLead) {
  ModelDefinition model;
  for (int i = 0; i < 4; ++i) model.lead_rules.push_back(lead_rule("rule", "score", 1));
  const Program program = compile(model);
  State state = empty_state(program);
  State other = empty_state(program);
  other.has_lead = true;
  other.answers = {Answer::is_true, Answer::unknown, Answer::is_false, Answer::is_false, Answer::unknown};
  merge(program, state, other);
  EXPECT_EQ(state.answers, other.answers);
  other.answers = {Answer::is_false, Answer::is_false, Answer::is_true, Answer::unknown, Answer::unknown};
  merge(program, state, other);
  const Answers expected{Answer::is_true, Answer::is_false, Answer::is_true, Answer::is_false, Answer::unknown};
  EXPECT_EQ(state.answers, expected);
}

TEST(Merge, CarriesNoRecord) {
  const Program program = compile(engagement_model({event_rule("a", "score", 1)}));
  State state = state_of(program, {eligible_lead(program), {}}, on_day(1));
  const State plain = state;
  state.write = WriteKind::replace_lead;
  state.cause = Cause::lead;
  state.tier = 1;
  state.tier_since = on_day(1);
  state.due_at = on_day(2);
  state.due_early = true;
  state.changes.push_back({.at = on_day(1), .to = 1});
  merge(program, state, state);
  EXPECT_EQ(state, plain);
}

TEST(Merge, AddsAStateToItself) {
  const Program program = program_of_all_decays();
  State state = state_of(program, {{}, {{0, on_day(0), 2}, {1, on_day(0), 2}, {4, on_day(0), 2}}}, on_day(0));
  merge(program, state, state);
  EXPECT_DOUBLE_EQ(evaluate(program, state, on_day(0))[root_dimension], 12);
}

TEST(Merge, RefusesStatesOfDifferentVersions) {
  const Program program = program_of_all_decays();
  State other = empty_state(program);
  ++other.version;
  State state = empty_state(program);
  EXPECT_THROW(merge(program, state, other), InvalidArgument);
  other = empty_state(program);
  ++other.model;
  EXPECT_THROW(merge(program, state, other), InvalidArgument);
}

TEST(Merge, IsCommutativeAndAssociative) {
  for (std::uint64_t seed = 1; seed <= 700; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit = random.chance(0.5) ? day : Duration(random.integer(1, 1000));
    const ModelDefinition model = random_model(random, unit);
    const Program program = compile(model);
    History all;
    std::array<State, 3> parts;
    for (State &part : parts) {
      const History history = random_history(random, program, unit);
      part = state_of(program, history, random_instant(random, Instant(unit * -20), unit));
      all.awards.insert(all.awards.end(), history.awards.begin(), history.awards.end());
      all.adjustments.insert(all.adjustments.end(), history.adjustments.begin(), history.adjustments.end());
    }
    const auto sum = [&](State a, const State &b) {
      merge(program, a, b);
      return a;
    };
    EXPECT_EQ(sum(parts[0], parts[1]), sum(parts[1], parts[0]));
    const State left = sum(sum(parts[0], parts[1]), parts[2]);
    const State right = sum(parts[0], sum(parts[1], parts[2]));
    all.answers.clear();
    for (std::size_t i = 0; i < left.answers.size(); ++i) all.answers.push_back(left.answers[i]);
    all.created_at = left.created_at;
    expect_same_shape(left, right);
    for (int i = 0; i < 3; ++i) {
      const Instant t = random_instant(random, left.horizon, unit);
      expect_alike(model, program, all, left, right, t);
      expect_as_oracle(model, program, all, left, t);
    }
    if (HasFailure()) return;
  }
}

TEST(Merge, GivesTheSameForAnySplitAndOrderOfTheEvents) {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit = random.chance(0.5) ? day : Duration(random.integer(1, 1000));
    const ModelDefinition model = random_model(random, unit);
    const Program program = compile(model);
    History history = random_history(random, program, unit, 30);
    const State whole = state_of(program, history, random_instant(random, Instant(unit * -20), unit));

    State split = empty_state(program);
    random.shuffle(history.awards);
    for (std::size_t next = 0; next < history.awards.size();) {
      History part;
      for (std::int64_t n = random.integer(1, 5); n > 0 && next < history.awards.size(); --n)
        part.awards.push_back(history.awards[next++]);
      const Duration before{random.integer(0, 30 * unit.count())};
      merge(program, split, state_of(program, part, whole.horizon - before));
    }
    merge(program, split, state_of(program, {history.answers, {}, history.created_at, history.adjustments}, whole.horizon));
    expect_same_shape(whole, split);
    for (int i = 0; i < 3; ++i) expect_alike(model, program, history, whole, split, random_instant(random, whole.horizon, unit));
    if (HasFailure()) return;
  }
}

TEST(RequireFit, AcceptsWhatFits) {
  const Program program = program_of_all_decays();
  EXPECT_NO_THROW(require_fit(program, empty_state(program)));
  EXPECT_NO_THROW(
      require_fit(program, state_of(program, {eligible_lead(program), {{0, on_day(0), 1}, {4, on_day(0), 1}}}, on_day(1))));
}

TEST(RequireFit, RefusesWhatDoesNot) {
  const Program program =
      compile(engagement_model({event_rule("none", "score", 1), event_rule("window", "score", 1, window(day))}));
  const auto refuses = [&](auto change) {
    State state = state_of(program, {eligible_lead(program), {}}, on_day(1));
    change(state);
    EXPECT_THROW(require_fit(program, state), InvalidState);
  };
  refuses([](State &s) { ++s.version; });
  refuses([](State &s) { ++s.model; });
  refuses([](State &s) { s.answers.start(s.answers.size() + 1); });
  refuses([](State &s) { s.has_lead = false; });
  refuses([](State &s) { s.awards.push_back({.slot = 2, .at = on_day(1), .points = 1}); });
  refuses([](State &s) { s.sums.push_back({.slot = 2, .exponent = 0, .mantissa = 1}); });
  refuses([](State &s) { s.sums.push_back({.slot = 1, .exponent = 0, .mantissa = 1}); });
  refuses([](State &s) { s.sums.push_back({.slot = 0, .exponent = 1, .mantissa = 1}); });
  refuses([](State &s) { s.tier = 3; });
  refuses([](State &s) { s.tier = -2; });
  refuses([](State &s) { s.latched = 3; });
  refuses([](State &s) { s.latched = -2; });
  refuses([](State &s) { s.changes.push_back({.to = 3}); });
  refuses([](State &s) { s.changes.push_back({.from_version = 1, .from = 3, .to = 0}); });
}

}  // namespace
}  // namespace leadscore::test

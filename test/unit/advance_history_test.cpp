#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/advance.hpp"
#include "core/evaluate.hpp"
#include "core/next_change.hpp"
#include "core/state_codec.hpp"
#include "core/timeline.hpp"
#include "oracle.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

// A random history of writes, beside all that is known about the lead.
class Life {
 public:
  Life(Random &random, const Program &program, Duration unit) : random_(random), program_(program), unit_(unit) {}

  // The next write at `now`, which it also applies to what is known.
  State write(Instant now) {
    const std::int64_t kind = random_.integer(0, 9);
    if (kind < 5) return write_events(now);
    if (kind == 5) return as_write(program_, empty_state(program_), WriteKind::nothing, Cause::time, now);
    if (kind < 8) return write_lead(now);
    if (!known.awards.empty()) known.awards.erase(known.awards.begin());
    if (random_.chance(0.5)) known.adjustments.push_back(random_adjustment(random_, program_, unit_));
    if (kind == 8) {
      const History events{{}, known.awards, distant_past, known.adjustments};
      return as_write(program_, state_of(program_, events, now), WriteKind::replace_events, Cause::adjustment, now);
    }
    return as_write(program_, state_of(program_, known, now), WriteKind::replace_all, Cause::rebuild, now);
  }

  History known;

 private:
  State write_lead(Instant now) {
    known.answers = random_.chance(0.8) ? random_answers(random_, program_) : std::vector<Answer>{};
    known.created_at = random_.chance(0.5) ? random_instant(random_, now - unit_ * 40, unit_) : distant_past;
    const History lead{known.answers, {}, known.created_at};
    return as_write(program_, state_of(program_, lead, now), WriteKind::replace_lead, Cause::lead, now);
  }

  State write_events(Instant now) {
    History added;
    for (std::int64_t i = random_.integer(1, 3); i > 0; --i) added.awards.push_back(random_award(random_, program_, unit_));
    known.awards.insert(known.awards.end(), added.awards.begin(), added.awards.end());
    return as_write(program_, state_of(program_, added, now), WriteKind::add_events, Cause::event, now);
  }

  Random &random_;
  const Program &program_;
  Duration unit_;
};

TEST(AdvanceOnRandomHistories, IsWhatARecomputeGives) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const ModelDefinition model = random_model(random, day);
    const Program program = compile(model);
    Life life(random, program, day);
    Instant now = on_day(0);
    State stored = life.write(now);
    for (int i = 0; i < 15; ++i) {
      now += Duration(random.integer(0, 5 * day.count()));
      stored = decode(encode(advance(program, stored, program, life.write(now))));
      EXPECT_EQ(stored.horizon, now);
      expect_as_oracle(model, program, life.known, stored, now);
      expect_as_oracle(model, program, life.known, stored, random_instant(random, now, day));
      EXPECT_EQ(stored.tier, tier_at(program, stored, now));
      EXPECT_GT(stored.due_at, now);
      const Instant next = next_change(program, stored, now).at;
      EXPECT_LE(stored.due_at, next);
      if (!stored.due_early) {
        EXPECT_EQ(stored.due_at, next);
      }
    }
    if (HasFailure()) return;
  }
}

using Tiers = std::vector<std::pair<Instant, TierIndex>>;

// The tiers that a state shows from `from` to before `to`, microsecond by microsecond, as the changes between them. What it shows
// at `to` is remembered, too: a write at that instant comes after it.
void scan(const Program &program, const State &state, Memory &memory, Instant from, Instant to, Tiers &tiers) {
  for (Instant t = from; t <= to; t += microsecond) {
    const TierIndex tier = memory.pass(program, state, t);
    if (t < to && tier != (tiers.empty() ? no_tier : tiers.back().second)) tiers.emplace_back(t, tier);
  }
}

TEST(AdvanceOnRandomHistories, RecordsEveryChangeOfTierAtItsInstant) {
  std::size_t recorded_changes = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Duration unit(random.integer(1, 20));
    const Program program = compile(lively_model(random, unit));
    Life life(random, program, unit);
    Tiers expected;
    Tiers recorded;
    Memory memory;
    const auto note = [&](const State &state) {
      for (const TierChange &change : state.changes) {
        EXPECT_EQ(change.from, recorded.empty() ? no_tier : recorded.back().second);
        recorded.emplace_back(change.at, change.to);
      }
    };
    Instant now = instant(0);
    State stored = life.write(now);
    note(stored);
    for (int i = 0; i < 8; ++i) {
      const Instant next = now + Duration(random.integer(1, 10 * unit.count()));
      scan(program, state_of(program, life.known, distant_past), memory, now, next, expected);
      now = next;
      stored = advance(program, stored, program, life.write(now));
      note(stored);
    }
    scan(program, state_of(program, life.known, distant_past), memory, now, now + microsecond, expected);
    // Time and the write may both change the tier at the instant of a write: the scan sees only the latter.
    Tiers seen;
    for (const auto &change : recorded) {
      if (!seen.empty() && seen.back().first == change.first) seen.pop_back();
      if (change.second != (seen.empty() ? no_tier : seen.back().second)) seen.push_back(change);
    }
    EXPECT_EQ(seen, expected);
    recorded_changes += seen.size();
    if (HasFailure()) return;
  }
  EXPECT_GT(recorded_changes, 300U);
}

// Any instant, the extreme ones above all.
Instant any_instant(Random &random) {
  const std::int64_t far = Duration::max().count();
  switch (random.integer(0, 4)) {
    case 0:
      return distant_past + Duration(random.integer(0, 2));
    case 1:
      return distant_future - Duration(random.integer(0, 2));
    case 2:
      return instant(random.integer(-far, far));
    default:
      return random_instant(random, on_day(-30), day);
  }
}

double any_points(Random &random) {
  const double points = std::ldexp(random.number(0.5, 1), static_cast<int>(random.integer(-1073, 996)));
  return random.chance(0.5) ? points : -points;
}

// A state as nobody would make it, that fits the program all the same.
State hostile_state(Random &random, const Program &program) {
  State state = empty_state(program);
  state.horizon = any_instant(random);
  state.last_event_at = any_instant(random);
  state.has_lead = true;
  state.answers = Answers(random_answers(random, program));
  state.write = static_cast<WriteKind>(random.integer(0, 4));
  state.tier = static_cast<TierIndex>(random.integer(no_tier, static_cast<std::int64_t>(program.tiers.size()) - 1));
  state.tier_since = any_instant(random);
  state.due_at = any_instant(random);
  state.due_early = state.due_at != distant_future && random.chance(0.5);
  for (SlotIndex slot = 0; slot < program.slots.size(); ++slot) {
    const DecayKind kind = program.slots[slot].decay.kind;
    const bool can_have_sum = !program.slots[slot].keeps_entries() && (kind == DecayKind::none || kind == DecayKind::half_life);
    const std::int64_t far = Duration::max().count();
    const std::int64_t exponent =
        kind == DecayKind::none ? 0 : random.pick(std::array{-far, std::int64_t{0}, far, random.integer(-99, 99)});
    if (can_have_sum) state.sums.push_back({slot, exponent, any_points(random)});
    const Instant at = any_instant(random);
    state.awards.push_back({slot, at, any_points(random)});
    if (at < distant_future) state.awards.push_back({slot, at + microsecond, any_points(random)});
  }
  return state;
}

ModelDefinition hostile_model(Random &random) {
  ModelDefinition model = random_model(random, day);
  for (EventRuleDefinition &rule : model.event_rules) {
    if (random.chance(0.5)) rule.decay.period = random.pick(std::array{Duration{1}, day * 3'652'500, Duration::max()});
    if (random.chance(0.5)) rule.decay.grace = random.pick(std::array{Duration{1}, day * 3'652'500, Duration::max()});
  }
  return model;
}

TEST(HostileStates, AreTakenWithoutHarm) {
  for (std::uint64_t seed = 1; seed <= 800; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Program program = compile(hostile_model(random));
    const State state = decode(encode(hostile_state(random, program)));
    const State other = decode(encode(hostile_state(random, program)));
    State merged = state;
    merge(program, merged, other);
    State written = advance(program, state, program, other);
    for (const State &result : {merged, written}) {
      EXPECT_EQ(decode(encode(result)), result);
      for (const double value : evaluate(program, result, std::max(result.horizon, any_instant(random)))) {
        EXPECT_LE(std::abs(value), largest_value);
      }
      EXPECT_GE(next_change(program, result, result.horizon, 200).at, result.horizon);
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace leadscore::test

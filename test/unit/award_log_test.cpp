#include "core/award_log.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

// A log in memory of its own.
struct LogMemory {
  LogMemory(const Program &program, Instant horizon, std::uint32_t capacity)
      : bytes(AwardLog::size_for(program, capacity)), log(AwardLog::start(bytes, program, horizon)) {}

  std::vector<std::byte> bytes;
  AwardLog log;
};

// As the aggregates do it.
void put(AwardLog &log, const Program &program, SlotIndex slot, Instant at, double points) {
  if (!log.add(program, slot, at, points)) log.append(slot, at, points);
}

const Program &program() {
  static const Program compiled = compile(
      engagement_model({event_rule("plain", "engagement", 1), event_rule("fading", "engagement", 1, half_life(day * 7, day)),
                        event_rule("window", "engagement", 1, window(day * 30))}));
  return compiled;
}

TEST(AwardLog, IsEmptyAtTheStart) {
  const LogMemory memory(program(), on_day(5), 3);
  EXPECT_TRUE(AwardLog::is_log(memory.bytes));
  EXPECT_EQ(memory.log.free(), 3U);
  const State state = memory.log.to_state(program());
  EXPECT_TRUE(is_empty(state));
  EXPECT_EQ(state.horizon, on_day(5));
}

TEST(AwardLog, StandsForTheStateOfItsAwards) {
  LogMemory memory(program(), on_day(5), 3);
  State expected = empty_state(program());
  for (const SlotIndex slot : {2U, 0U, 1U}) {
    memory.log.append(slot, on_day(slot), 10);
    memory.log.note_event(on_day(slot));
    add_award(expected, slot, on_day(slot), 10);
    note_event(expected, on_day(slot));
  }
  fold(program(), expected, on_day(5));
  EXPECT_EQ(memory.log.free(), 0U);
  EXPECT_EQ(memory.log.to_state(program()), expected);
}

TEST(AwardLog, TakesNoAwardOfNothing) {
  LogMemory memory(program(), on_day(5), 3);
  memory.log.append(0, on_day(1), 0);
  memory.log.append(0, on_day(1), std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(memory.log.free(), 3U);
}

TEST(AwardLog, AddsUpWhatCanBeFoldedAtTheHorizon) {
  Random random(3);
  LogMemory memory(program(), on_day(50), 64);
  State expected = empty_state(program());
  for (int i = 0; i < 1000; ++i) {
    const auto slot = static_cast<SlotIndex>(i % 2);
    const Instant at = on_day(random.integer(0, 48));
    const double points = random.number(-5, 5);
    EXPECT_TRUE(memory.log.add(program(), slot, at, points));
    add_award(expected, slot, at, points);
  }
  EXPECT_EQ(memory.log.free(), 64U);
  fold(program(), expected, on_day(50));
  for (const int later : {50, 51, 60, 100})
    EXPECT_NEAR(evaluate(program(), memory.log.to_state(program()), on_day(later))[0],
                evaluate(program(), expected, on_day(later))[0], 1e-9);
}

TEST(AwardLog, DoesNotAddUpWhatIsYetToCome) {
  LogMemory memory(program(), on_day(50), 1);
  EXPECT_FALSE(memory.log.add(program(), 0, on_day(51), 1));
  EXPECT_FALSE(memory.log.add(program(), 1, on_day(50), 1)) << "its grace lasts";
  EXPECT_FALSE(memory.log.add(program(), 2, on_day(1), 1)) << "a window's awards end one by one";
  EXPECT_TRUE(is_empty(memory.log.to_state(program())));
}

TEST(AwardLog, MakesRoomByFoldingWithoutChangingWhatItIsWorth) {
  Random random(7);
  LogMemory memory(program(), on_day(50), 64);
  for (int i = 0; i < 64; ++i)
    memory.log.append(static_cast<SlotIndex>(i % 3), on_day(random.integer(0, 60)), random.number(-5, 5));
  const State before = memory.log.to_state(program());
  EXPECT_LT(memory.log.compact(program()), 64U);
  const State after = memory.log.to_state(program());
  for (const int later : {50, 51, 60, 100})
    EXPECT_NEAR(evaluate(program(), before, on_day(later))[0], evaluate(program(), after, on_day(later))[0], 1e-12) << later;
}

TEST(AwardLog, KeepsWhatLimitsFrequenciesSilencesAndMarksNeed) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Program random_program = compile(random_model(random, day));
    const History history = random_history(random, random_program, day, 30);
    LogMemory memory(random_program, on_day(20), 200);
    for (const RuleAward &award : history.awards) {
      enter(random_program, random_program.event_rules[award.rule], award.at, award.points,
            [&](SlotIndex slot, Instant at, double points) { put(memory.log, random_program, slot, at, points); });
      if (random.chance(0.2)) static_cast<void>(memory.log.compact(random_program));
    }
    const State expected = state_of(random_program, {{}, history.awards}, on_day(20));
    const State state = memory.log.to_state(random_program);
    EXPECT_EQ(state.awards.size(), expected.awards.size());
    for (const int later : {20, 25, 60}) {
      const std::vector<double> left = evaluate(random_program, state, on_day(later));
      const std::vector<double> right = evaluate(random_program, expected, on_day(later));
      for (std::size_t i = 0; i < left.size(); ++i) EXPECT_NEAR(left[i], right[i], 1e-9) << later;
    }
    if (HasFailure()) return;
  }
}

TEST(AwardLog, MovesToMoreMemory) {
  LogMemory small(program(), on_day(5), 1);
  small.log.append(0, on_day(1), 3);
  small.log.note_event(on_day(1));
  LogMemory large(program(), on_day(5), 8);
  large.log.copy_from(small.log);
  EXPECT_EQ(large.log.free(), 7U);
  EXPECT_EQ(large.log.to_state(program()), small.log.to_state(program()));
}

TEST(AwardLog, RefusesWhatIsNone) {
  LogMemory memory(program(), on_day(5), 2);
  std::vector<std::byte> shorter(memory.bytes.begin(), memory.bytes.end() - 1);
  EXPECT_THROW(AwardLog log(shorter), InvalidState);
  std::vector<std::byte> other(memory.bytes);
  other[0] = std::byte{1};
  EXPECT_THROW(AwardLog log(other), InvalidState);
}

}  // namespace
}  // namespace leadscore::test

#include "core/state_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>
#include <ranges>

#include "core/error.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

using Bytes = std::vector<std::byte>;

// Where stored states keep what is read alone.
constexpr std::size_t flags_offset = 1;
constexpr std::size_t due_at_offset = 2;

// Of a state without anything: format, flags, tier, latched, since when, write and cause, horizon, the numbers of sums and of
// awards, model, version, creation.
constexpr std::size_t write_offset = 5;
constexpr std::size_t changes_offset = 7;
constexpr std::size_t sums_offset = 7;
constexpr std::size_t model_offset = 9;
constexpr std::size_t empty_size = 12;

TierChange random_change(Random &random, Instant at) {
  TierChange change;
  change.at = at;
  change.from = static_cast<TierIndex>(random.integer(no_tier, 3));
  if (change.from != no_tier) change.from_version = static_cast<std::int32_t>(random.integer(1, 9));
  change.to = static_cast<TierIndex>(random.integer(no_tier, 3));
  change.has_score = random.chance(0.7);
  if (change.has_score) change.score = random.number(-100, 100);
  change.cause = static_cast<Cause>(random.integer(0, 5));
  return change;
}

State random_state(Random &random) {
  const Program program = compile(random_model(random, day));
  State state = state_of(program, random_history(random, program, day), random_instant(random, on_day(-10), day));
  if (random.chance(0.5)) return state;
  state.write = static_cast<WriteKind>(random.integer(0, 4));
  state.cause = static_cast<Cause>(random.integer(0, 5));
  state.tier = static_cast<TierIndex>(random.integer(no_tier, 3));
  state.tier_since = random_instant(random, on_day(0), day);
  state.due_at = random_instant(random, on_day(0), day);
  state.due_early = state.due_at != distant_future && random.chance(0.5);
  state.latched = static_cast<TierIndex>(random.integer(no_tier, 3));
  for (std::int64_t i = random.integer(0, 3); i > 0; --i) state.changes.push_back(random_change(random, on_day(10 - i)));
  return state;
}

void expect_refused(const Bytes &bytes, std::string_view fault) {
  try {
    static_cast<void>(decode(bytes));
    ADD_FAILURE() << "not refused: " << fault;
  } catch (const InvalidState &refusal) {
    EXPECT_NE(std::string_view(refusal.what()).find(fault), std::string_view::npos) << refusal.what();
  }
}

// Two sums, two awards, one change, one adjustment and no lead.
State state_with_parts() {
  State state;
  state.version = 1;
  state.sums = {{.slot = 1, .exponent = 7, .mantissa = 0.5}, {.slot = 2, .exponent = 0, .mantissa = 3}};
  state.awards = {{.slot = 3, .at = on_day(1), .points = 4}, {.slot = 3, .at = on_day(2), .points = 5}};
  state.changes = {{.at = on_day(1), .from_version = 1, .from = 0, .to = 1, .has_score = true, .score = 9, .cause = Cause::event}};
  state.adjustments = {{.id = 5, .at = on_day(1), .until = on_day(9), .dimension = 1, .decay = half_life(day), .points = 6}};
  return state;
}

TEST(Codec, GivesBackWhatWentIn) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const State state = random_state(random);
    const Bytes bytes = encode(state);
    EXPECT_EQ(decode(bytes), state);
    EXPECT_EQ(encode(decode(bytes)), bytes);
    EXPECT_EQ(decode_due_at(bytes), state.due_at);
    if (HasFailure()) return;
  }
}

TEST(Codec, ReadsBytesAtAnyAddress) {
  Random random(1);
  const State state = random_state(random);
  const Bytes bytes = encode(state);
  for (std::size_t shift = 1; shift < 8; ++shift) {
    Bytes shifted(shift);
    shifted.insert(shifted.end(), bytes.begin(), bytes.end());
    const std::span<const std::byte> view = std::span<const std::byte>(shifted).subspan(shift);
    EXPECT_EQ(decode(view), state);
    EXPECT_EQ(decode_due_at(view), state.due_at);
  }
}

TEST(Codec, KeepsWhenAStateIsDueInOnePlace) {
  State state;
  state.due_at = instant(0x0102030405060708);
  const Bytes bytes = encode(state);
  ASSERT_EQ(bytes.size(), empty_size + 8);
  EXPECT_EQ(bytes[0], std::byte{3});
  EXPECT_EQ(bytes[flags_offset], std::byte{4});
  EXPECT_EQ(bytes[due_at_offset], std::byte{8});
  EXPECT_EQ(bytes[due_at_offset + 7], std::byte{1});
}

TEST(Codec, TakesFewBytesForWhatIsSmallOrAbsent) {
  State state;
  EXPECT_EQ(encode(state).size(), empty_size);
  state.sums = {{.slot = 0, .exponent = 2870, .mantissa = 0.7}, {.slot = 1, .exponent = -670, .mantissa = -0.9}};
  EXPECT_EQ(encode(state).size(), empty_size + 2 * 9);
  state.sums = {{.slot = 0, .exponent = 0, .mantissa = 12}};
  EXPECT_EQ(encode(state).size(), empty_size + 4);
  state.sums.clear();
  state.awards = {{.slot = 0, .at = on_day(8000), .points = 3}, {.slot = 0, .at = on_day(8000) + Duration{1'000'000}, .points = 3}};
  EXPECT_EQ(encode(state).size(), empty_size + (1 + 8 + 3) + (1 + 3 + 3));
}

TEST(Codec, PacksEightAnswersIntoAByteWhereFewAreUnknown) {
  State state;
  state.has_lead = true;
  state.answers.start(9);
  state.answers.set(1, Answer::is_true);
  state.answers.set(8, Answer::unknown);
  const Bytes bytes = encode(state);
  const std::size_t answers_offset = empty_size;  // their number, that of unknown ones, the places of these, and then the bits
  ASSERT_EQ(bytes.size(), empty_size + 5);
  EXPECT_EQ(bytes[answers_offset], std::byte{9});
  EXPECT_EQ(bytes[answers_offset + 1], std::byte{1});
  EXPECT_EQ(bytes[answers_offset + 2], std::byte{8});
  EXPECT_EQ(bytes[answers_offset + 3], std::byte{0b10});
  EXPECT_EQ(bytes[answers_offset + 4], std::byte{0});
}

TEST(Codec, PacksFourAnswersIntoAByteWhereManyAreUnknown) {
  State state;
  state.has_lead = true;
  state.answers = {Answer::is_true, Answer::is_false, Answer::unknown, Answer::is_true, Answer::is_false};
  const Bytes bytes = encode(state);
  ASSERT_EQ(bytes.size(), empty_size + 3);
  EXPECT_EQ(bytes[flags_offset], std::byte{33});
  EXPECT_EQ(bytes[empty_size + 1], std::byte{0b10'00'01'10});
  EXPECT_EQ(bytes[empty_size + 2], std::byte{0b01});
}

TEST(Codec, SaysWhatIsReadAloneAsTheWholeDoes) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    State state = random_state(random);
    if (random.chance(0.5)) state.ceiling = random.number(-100, 100);
    const Bytes bytes = encode(state);
    EXPECT_EQ(decode(bytes), state);
    EXPECT_EQ(decode_due_at(bytes), state.due_at);
    EXPECT_EQ(decode_has_changes(bytes), !state.changes.empty());
    EXPECT_EQ(decode_ceiling(bytes), state.ceiling == not_ranked ? std::nullopt : std::optional(state.ceiling));
    if (HasFailure()) return;
  }
}

TEST(Codec, GivesBackExtremes) {
  State state;
  state.model = std::numeric_limits<std::int32_t>::min();
  state.version = std::numeric_limits<std::int32_t>::max();
  state.tier = std::numeric_limits<TierIndex>::max();
  state.due_at = distant_past;
  state.horizon = distant_future;
  state.tier_since = distant_past + Duration{1};
  state.created_at = distant_future - Duration{1};
  state.ceiling = 1e300;
  constexpr SlotIndex last_slot = std::numeric_limits<SlotIndex>::max();
  state.sums = {{.slot = 0, .exponent = std::numeric_limits<std::int64_t>::min(), .mantissa = -0.5},
                {.slot = last_slot - 1, .exponent = std::numeric_limits<std::int64_t>::max(), .mantissa = 1e-300},
                {.slot = last_slot, .exponent = -1, .mantissa = -1e300}};
  state.awards = {{.slot = 0, .at = distant_past, .points = 1e300},
                  {.slot = 0, .at = distant_future, .points = -1e-300},
                  {.slot = last_slot, .at = distant_past, .points = 0.1},
                  {.slot = last_slot, .at = distant_past, .points = 0.1}};
  const Bytes bytes = encode(state);
  EXPECT_EQ(decode(bytes), state);
  EXPECT_EQ(decode_due_at(bytes), distant_past);
  EXPECT_EQ(decode_ceiling(bytes), 1e300);
}

TEST(Codec, RefusesEveryTruncationAndExtension) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Bytes bytes = encode(random_state(random));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THROW(static_cast<void>(decode(std::span<const std::byte>(bytes).first(size))), InvalidState);
    }
    bytes.push_back(std::byte{0});
    EXPECT_THROW(static_cast<void>(decode(bytes)), InvalidState);
  }
}

// Decodes, and expects either a refusal or a state that is encoded by the very same bytes.
void expect_refused_or_exact(const Bytes &bytes) {
  try {
    EXPECT_EQ(encode(decode(bytes)), bytes);
  } catch (const InvalidState &) {
  }
}

TEST(Codec, RefusesOrGivesBackEverySingleByteMutation) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Bytes bytes = encode(random_state(random));
    for (std::byte &byte : bytes) {
      const std::byte original = byte;
      for (unsigned mutation = 1; mutation < 256; ++mutation) {
        byte = original ^ static_cast<std::byte>(mutation);
        expect_refused_or_exact(bytes);
      }
      byte = original;
    }
    if (HasFailure()) return;
  }
}

TEST(Codec, RefusesOrGivesBackRandomMutations) {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Random random(seed);
    Bytes bytes = encode(random_state(random));
    for (std::int64_t i = random.integer(1, 20); i > 0; --i) {
      const auto offset = static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(bytes.size()) - 1));
      bytes[offset] = static_cast<std::byte>(random.integer(0, 255));
    }
    expect_refused_or_exact(bytes);
  }
}

// A state that ends in this place with these bytes.
Bytes with_end(std::size_t offset, std::initializer_list<unsigned> end) {
  Bytes bytes = encode(State{});
  bytes.resize(offset);
  for (const unsigned byte : end) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

TEST(Codec, RefusesCountsBeforeItAllocates) {
  const Bytes huge(9, std::byte{0xFF});
  for (const std::size_t offset : {sums_offset, sums_offset + 1}) {
    Bytes bytes = with_end(offset, {});
    bytes.insert(bytes.end(), huge.begin(), huge.end());
    bytes.push_back(std::byte{1});
    expect_refused(bytes, "length");
  }
  State lead;
  lead.has_lead = true;
  lead.answers = {Answer::is_true};
  for (const unsigned flags : {1U, 33U}) {
    Bytes bytes = encode(lead);
    bytes[flags_offset] = static_cast<std::byte>(flags);
    bytes.resize(empty_size);
    bytes.insert(bytes.end(), huge.begin(), huge.end());
    bytes.insert(bytes.end(), {std::byte{1}, std::byte{0}, std::byte{0}});
    expect_refused(bytes, "length");
  }
}

TEST(Codec, RefusesUnknownFormatsFlagsAndEnumerations) {
  const auto refuses = [](State state, std::size_t offset, unsigned value, std::string_view fault) {
    Bytes bytes = encode(state);
    bytes.at(offset) = static_cast<std::byte>(value);
    expect_refused(bytes, fault);
  };
  const State whole = state_with_parts();
  refuses(whole, 0, 0, "format");
  refuses(whole, 0, 1, "format");
  refuses(whole, 0, 2, "format");
  refuses(whole, 0, 4, "format");
  refuses(whole, flags_offset, 128, "never due");
  refuses(whole, flags_offset, 32, "lead");
  refuses(whole, write_offset, 30, "kind");
  State change;
  change.changes = whole.changes;
  const std::size_t score_offset = encode(change).size() - (empty_size - changes_offset) - 3;  // it takes three bytes
  refuses(change, score_offset - 1, 12, "kind");                                               // the cause
  refuses(change, changes_offset, 0, "holds nothing");
  State adjustment;
  adjustment.adjustments = whole.adjustments;
  refuses(adjustment, model_offset, 0, "holds nothing");
  refuses(adjustment, model_offset + 1, 3, "adjustment");
  refuses(adjustment, model_offset + 2, 5, "decay");
}

TEST(Codec, RefusesNumbersInAnotherFormThanTheirs) {
  expect_refused(with_end(sums_offset, {0x80, 0x00, 0}), "longer than need be");
  expect_refused(with_end(sums_offset, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02, 0}), "too large");
  expect_refused(with_end(model_offset, {0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0, 0}), "too large");  // the model
  expect_refused(with_end(sums_offset, {1, 0, 2, 0x00, 0x40, 0}), "longer than need be");  // 2 in two bytes, of which one would do
  expect_refused(with_end(sums_offset, {1, 0, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}), "eight bytes");
  expect_refused(with_end(sums_offset, {1, 0, 2, 0xE0, 0x3F, 0}), "longer than need be");  // 0.5, which has a form of its own
  expect_refused(with_end(sums_offset, {1, 2, 0, 1, 0x40, 0}), "longer than need be");     // an exponent of 0
  expect_refused(with_end(sums_offset, {1, 8, 1, 0x40, 0}), "reserved bits");
  expect_refused(with_end(sums_offset, {1, 1, 0, 1, 0x40, 0}), "order");  // the slot that follows anyway
}

TEST(Codec, RefusesADueInstantThatIsNever) {
  Bytes bytes = encode(State{});
  bytes[flags_offset] = std::byte{4};
  const Bytes never{std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF},
                    std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}, std::byte{0x7F}};
  bytes.insert(bytes.begin() + due_at_offset, never.begin(), never.end());
  expect_refused(bytes, "holds nothing");
}

TEST(Codec, RefusesALatestEventThatIsNone) {
  Bytes bytes = encode(State{});
  bytes[flags_offset] = std::byte{64};
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(sums_offset),
               std::byte{0});  // the latest event is as far in the past as the horizon
  expect_refused(bytes, "holds nothing");
}

TEST(Codec, EndsWithWhatMostWritesLeaveAsItIs) {
  State state = state_with_parts();
  state.has_lead = true;
  state.answers.start(80);
  state.created_at = on_day(3);
  State written = state;
  written.horizon = on_day(7000);
  written.last_event_at = on_day(6999);
  written.tier_since = on_day(7000);
  written.sums[1].mantissa = 1.0 / 3;
  written.changes.clear();
  const Bytes before = encode(state);
  const Bytes after = encode(written);
  const auto difference = std::ranges::mismatch(before | std::views::reverse, after | std::views::reverse);
  EXPECT_GE(difference.in1 - before.rbegin(), 10 + 2);  // the answers, their numbers
}

TEST(Codec, RefusesAnswersThatAreNone) {
  State state;
  state.has_lead = true;
  state.answers = {Answer::unknown};
  const Bytes wide = encode(state);
  const auto refuses = [](Bytes bytes, std::size_t offset, unsigned value, std::string_view fault) {
    bytes.at(offset) = static_cast<std::byte>(value);
    expect_refused(bytes, fault);
  };
  refuses(wide, empty_size + 1, 3, "answer");
  refuses(wide, empty_size + 1, 2, "more bits than need be");
  refuses(wide, empty_size + 1, 0b0100, "reserved bits");
  refuses(wide, empty_size, 0, "no answers");
  state.answers.start(9);
  state.answers.set(0, Answer::is_true);
  state.answers.set(8, Answer::unknown);
  const Bytes narrow = encode(state);
  refuses(narrow, empty_size + 1, 2, "more unknown answers");
  refuses(narrow, empty_size + 2, 0, "both true and unknown");
  refuses(narrow, empty_size + 2, 9, "does not exist");
  refuses(narrow, empty_size + 4, 2, "reserved bits");
}

TEST(Codec, RefusesNumbersThatAreNotFiniteOrZero) {
  const auto refuses = [](auto change) {
    State state = state_with_parts();
    change(state);
    EXPECT_THROW(static_cast<void>(decode(encode(state))), InvalidState);
  };
  for (const double bad : {0.0, -0.0, 1e301, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    refuses([bad](State &state) { state.sums[0].mantissa = bad; });
    refuses([bad](State &state) { state.sums[1].mantissa = bad; });
    refuses([bad](State &state) { state.awards[0].points = bad; });
    refuses([bad](State &state) { state.awards[1].points = bad; });
  }
  refuses([](State &state) { state.changes[0].score = std::numeric_limits<double>::quiet_NaN(); });
  refuses([](State &state) { state.ceiling = std::numeric_limits<double>::quiet_NaN(); });
}

TEST(Codec, RefusesAdjustmentsThatCannotBe) {
  const auto refuses = [](auto change, std::string_view fault) {
    State state = state_with_parts();
    change(state.adjustments[0]);
    expect_refused(encode(state), fault);
  };
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  refuses([&](Adjustment &a) { a.points = not_a_number; }, "not finite");
  refuses([](Adjustment &a) { a.points = 1e301; }, "too large");
  refuses([&](Adjustment &a) { a.decay.rate = not_a_number; }, "not finite");
  refuses([](Adjustment &a) { a.tier = -2; }, "tier");
  for (const Decay &bad :
       {half_life(Duration{0}), window(Duration{-1}), linear(Duration{0}), step(Duration{0}, 1), linear(day, 0), linear(day, -1),
        step(day, 0), step(day, 1.5), half_life(day, Duration{-1}), Decay{DecayKind::none, Duration{0}, 1, Duration{-1}}}) {
    refuses([&](Adjustment &a) { a.decay = bad; }, "fades in no possible way");
  }
}

TEST(Codec, RefusesPartsOutOfOrder) {
  const auto refuses = [](auto change) {
    State state = state_with_parts();
    change(state);
    expect_refused(encode(state), "order");
  };
  refuses([](State &s) { s.sums[1].slot = 1; });
  refuses([](State &s) { s.sums[1].slot = 0; });
  refuses([](State &s) { s.awards[1].at = on_day(0); });
  refuses([](State &s) { s.awards[1].at = on_day(1); });  // points that rise within an instant
  refuses([](State &s) { s.awards[1].slot = 2; });
  refuses([](State &s) {
    s.changes.push_back(s.changes[0]);
    s.changes[1].at = on_day(0);
  });
  refuses([](State &s) {
    s.adjustments.push_back(s.adjustments[0]);
    s.adjustments[1].at = on_day(0);
  });
  refuses([](State &s) {
    s.adjustments.push_back(s.adjustments[0]);
    s.adjustments[1].id = 4;
  });
}

TEST(Codec, RefusesTiersThatCannotBe) {
  const auto refuses = [](auto change, std::string_view fault) {
    State state = state_with_parts();
    change(state);
    expect_refused(encode(state), fault);
  };
  refuses([](State &s) { s.tier = -2; }, "tier");
  refuses([](State &s) { s.latched = -2; }, "tier");
  refuses([](State &s) { s.changes[0].from = -2; }, "tier");
  refuses([](State &s) { s.changes[0].to = -2; }, "tier");
  refuses([](State &s) { s.changes[0].from = no_tier; }, "version");
}

TEST(Codec, ReadsNothingAloneFromTooFewBytes) {
  State state;
  state.due_at = on_day(1);
  state.ceiling = 1;
  Bytes bytes = encode(state);
  bytes.resize(17);
  EXPECT_EQ(decode_ceiling(bytes), std::nullopt);
  bytes.resize(9);
  EXPECT_EQ(decode_due_at(bytes), distant_future);
  EXPECT_EQ(decode_due_at({}), distant_future);
  EXPECT_EQ(decode_ceiling({}), std::nullopt);
  EXPECT_FALSE(decode_has_changes({}));
}

}  // namespace
}  // namespace leadscore::test

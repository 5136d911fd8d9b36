#include "core/state_codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>

#include "core/error.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

using Bytes = std::vector<std::byte>;

// Offsets that stored states rely on.
constexpr std::size_t due_at_offset = 8;
constexpr std::size_t created_at_offset = 64;
constexpr std::size_t latched_offset = 72;
constexpr std::size_t reserved_offset = 80;
constexpr std::size_t header_size = 88;
constexpr std::size_t change_offset = header_size + 2 * 20 + 2 * 20;
constexpr std::size_t adjustment_offset = change_offset + 32;
constexpr std::size_t adjustment_size = 72;

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

void put(Bytes &bytes, std::size_t offset, std::int64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    bytes.at(offset + i) = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
}

void put_number(Bytes &bytes, std::size_t offset, double value) {
  std::int64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  put(bytes, offset, bits, sizeof bits);
}

// Two sums, two awards, one change, one adjustment and no lead: at 88, 108, 128, 148, 168 and 200.
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

TEST(Codec, LaysOutTheHeaderAsStoredStatesHaveIt) {
  State state;
  state.tier = 2;
  state.due_at = instant(0x0102030405060708);
  state.model = 0x11223344;
  state.created_at = instant(7);
  state.latched = 3;
  const Bytes bytes = encode(state);
  ASSERT_EQ(bytes.size(), header_size);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(bytes[4], std::byte{2});
  EXPECT_EQ(bytes[due_at_offset], std::byte{8});
  EXPECT_EQ(bytes[due_at_offset + 7], std::byte{1});
  EXPECT_EQ(bytes[40], std::byte{0x44});
  EXPECT_EQ(bytes[created_at_offset], std::byte{7});
  EXPECT_EQ(bytes[latched_offset], std::byte{3});
  EXPECT_EQ(encode(state_with_parts()).size(), adjustment_offset + adjustment_size);
}

TEST(Codec, PacksFourAnswersIntoAByte) {
  State state;
  state.has_lead = true;
  state.answers = {Answer::is_true, Answer::is_false, Answer::unknown, Answer::is_true, Answer::is_false};
  const Bytes bytes = encode(state);
  ASSERT_EQ(bytes.size(), header_size + 2);
  EXPECT_EQ(bytes[header_size], std::byte{0b10'00'01'10});
  EXPECT_EQ(bytes[header_size + 1], std::byte{0b01});
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

TEST(Codec, RefusesCountsBeforeItAllocates) {
  for (const std::size_t offset : {48U, 52U, 56U, 60U, 76U}) {
    Bytes bytes = encode(state_with_parts());
    bytes[1] = std::byte{1};  // a lead, so that there may be answers
    put(bytes, 48, 1, 4);
    put(bytes, offset, 0xFFFF'FFFF, 4);
    expect_refused(bytes, "length");
  }
}

TEST(Codec, RefusesUnknownFormatsFlagsAndEnumerations) {
  const auto refuses = [](std::size_t offset, int value, std::string_view fault) {
    Bytes bytes = encode(state_with_parts());
    put(bytes, offset, value, 1);
    expect_refused(bytes, fault);
  };
  refuses(0, 0, "format");
  refuses(0, 2, "format");
  refuses(1, 4, "flags");
  refuses(1, 1, "lead");
  refuses(2, 5, "kind");
  refuses(3, 6, "cause");
  refuses(change_offset + 28, 2, "truth");
  refuses(change_offset + 29, 6, "cause");
  refuses(adjustment_offset, 3, "adjustment");
  refuses(adjustment_offset + 1, 5, "decay");
}

TEST(Codec, RefusesReservedBytesThatAreNotZero) {
  const Bytes good = encode(state_with_parts());
  for (std::size_t offset = reserved_offset; offset < header_size; ++offset) {
    Bytes bytes = good;
    bytes[offset] = std::byte{1};
    expect_refused(bytes, "reserved");
  }
  Bytes bytes = good;
  bytes[change_offset + 30] = std::byte{1};
  expect_refused(bytes, "reserved");
  for (std::size_t offset = adjustment_offset + 2; offset < adjustment_offset + 8; ++offset) {
    bytes = good;
    bytes[offset] = std::byte{1};
    expect_refused(bytes, "reserved");
  }
}

TEST(Codec, RefusesAnswersThatAreNone) {
  State state;
  state.has_lead = true;
  state.answers = {Answer::is_true};
  Bytes bytes = encode(state);
  bytes[header_size] = std::byte{3};
  expect_refused(bytes, "answer");
  bytes[header_size] = std::byte{0b0110};
  expect_refused(bytes, "reserved bits");
}

TEST(Codec, RefusesNumbersThatAreNotFiniteOrZero) {
  for (const std::size_t offset : {100U, 120U, 140U, 160U}) {
    for (const double bad : {0.0, -0.0, 1e301, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
      Bytes bytes = encode(state_with_parts());
      put_number(bytes, offset, bad);
      EXPECT_THROW(static_cast<void>(decode(bytes)), InvalidState) << offset << " " << bad;
    }
  }
  Bytes bytes = encode(state_with_parts());
  put_number(bytes, change_offset + 8, std::numeric_limits<double>::quiet_NaN());
  expect_refused(bytes, "not finite");
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
  refuses([](State &s) { s.changes[0].has_score = false; }, "score");
}

TEST(Codec, ReadsNoDueAtFromTooFewBytes) {
  Bytes bytes = encode(state_with_parts());
  bytes.resize(15);
  EXPECT_EQ(decode_due_at(bytes), distant_future);
  EXPECT_EQ(decode_due_at({}), distant_future);
}

}  // namespace
}  // namespace leadscore::test

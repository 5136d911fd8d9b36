#include "core/state_codec.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <tuple>
#include <utility>

#include "core/answers_codec.hpp"
#include "core/byte_stream.hpp"
#include "core/error.hpp"

namespace leadscore {

namespace {

constexpr unsigned format = 3;

// The second byte: which parts there are.
constexpr unsigned lead_flag = 1;
constexpr unsigned ceiling_flag = 2;
constexpr unsigned due_flag = 4;
constexpr unsigned changes_flag = 8;
constexpr unsigned adjustments_flag = 16;
constexpr unsigned two_bits_flag = 32;  // each answer takes two bits
constexpr unsigned events_flag = 64;    // the instant of the latest event
constexpr unsigned early_flag = 128;    // due early

constexpr std::size_t prefix_size = 2;
constexpr std::size_t fixed_size = 8;  // of due_at and of the ceiling, which are read alone

// The byte before a sum's mantissa. A half-life's mantissa lies in [0.5, 1) or (-1, -0.5], so that of its bits only the fraction
// and the sign are to be told.
constexpr unsigned gap_flag = 1;         // the slot is not the next one
constexpr unsigned exponent_flag = 2;    // the exponent is not 0
constexpr unsigned normalised_flag = 4;  // four bits of the fraction are here, and the other 48 follow
constexpr unsigned negative_flag = 8;
constexpr int fraction_bits = 52;
constexpr std::size_t fraction_size = 6;
constexpr std::uint64_t half_exponent = 0x3FE;
constexpr int sign_bit = 63;

constexpr int causes = 6;

// At least so many bytes each takes: more of them than can be there are refused before memory is taken for them.
constexpr std::size_t smallest_sum = 3;
constexpr std::size_t smallest_award = 4;
constexpr std::size_t smallest_change = 5;
constexpr std::size_t smallest_adjustment = 11;

// At most so many.
constexpr std::size_t largest_natural = 10;
constexpr std::size_t largest_header = prefix_size + 2 * fixed_size + 14 * largest_natural;
constexpr std::size_t largest_sum = 1 + 3 * largest_natural;
constexpr std::size_t largest_award = 3 * largest_natural;
constexpr std::size_t largest_change = 6 * largest_natural;
constexpr std::size_t largest_adjustment = 10 * largest_natural;

void require(bool holds, const char *fault) { ByteReader::require(holds, fault); }

// Of sums and awards each slot, and each instant of a slot, is told by its distance from the one before.

void write_sum(ByteWriter &out, const Sum &sum, SlotIndex next_slot) {
  const auto bits = std::bit_cast<std::uint64_t>(sum.mantissa);
  const bool is_normalised = (bits >> fraction_bits & 0x7FFU) == half_exponent;
  const unsigned flags = (sum.slot != next_slot ? gap_flag : 0) | (sum.exponent != 0 ? exponent_flag : 0);
  if (is_normalised) {
    const auto highest = static_cast<unsigned>(bits >> (fraction_bits - 4) & 0xFU);
    out.byte(flags | normalised_flag | (bits >> sign_bit != 0 ? negative_flag : 0) | highest << 4U);
  } else {
    out.byte(flags);
  }
  if (sum.slot != next_slot) out.natural(SlotIndex(sum.slot - next_slot));
  if (sum.exponent != 0) out.integer(sum.exponent);
  if (is_normalised)
    out.fixed(bits, fraction_size);
  else
    out.number(sum.mantissa);
}

double read_mantissa(ByteReader &in, unsigned tag) {
  if ((tag & normalised_flag) == 0) {
    require((tag & ~(gap_flag | exponent_flag)) == 0, "reserved bits are not zero");
    const double value = in.nonzero();
    const bool is_normalised = (std::bit_cast<std::uint64_t>(value) >> fraction_bits & 0x7FFU) == half_exponent;
    require(!is_normalised, "a sum that is longer than need be");
    return value;
  }
  std::uint64_t bits = half_exponent << fraction_bits | std::uint64_t{tag >> 4U} << (fraction_bits - 4) | in.fixed(fraction_size);
  if ((tag & negative_flag) != 0) bits |= std::uint64_t{1} << sign_bit;
  return std::bit_cast<double>(bits);
}

Sum read_sum(ByteReader &in, SlotIndex next_slot) {
  Sum sum;
  const unsigned tag = in.byte();
  sum.slot = next_slot;
  if ((tag & gap_flag) != 0) {
    const auto gap = in.natural_as<SlotIndex>();
    require(gap > 0 && gap <= ~next_slot, "its parts are not in order");
    sum.slot += gap;
  }
  if ((tag & exponent_flag) != 0) {
    sum.exponent = in.integer_as<std::int64_t>();
    require(sum.exponent != 0, "a number is longer than need be");
  }
  sum.mantissa = read_mantissa(in, tag);
  return sum;
}

void write_sums(ByteWriter &out, const std::vector<Sum> &sums) {
  out.natural(sums.size());
  SlotIndex next_slot = 0;
  for (const Sum &sum : sums) {
    write_sum(out, sum, next_slot);
    next_slot = sum.slot + 1;
  }
}

// Takes memory for the items only if they can be there.
template <typename Item>
std::size_t start_list(ByteReader &in, std::size_t smallest, std::vector<Item> &items) {
  const auto count = in.natural_as<std::size_t>();
  require(count <= in.left() / smallest, "its length does not agree with what it says it holds");
  items.clear();
  items.reserve(count);
  return count;
}

void read_sums(ByteReader &in, std::vector<Sum> &sums) {
  const std::size_t count = start_list(in, smallest_sum, sums);
  SlotIndex next_slot = 0;
  for (std::size_t i = 0; i < count; ++i) {
    require(i == 0 || next_slot != 0, "its parts are not in order");
    sums.push_back(read_sum(in, next_slot));
    next_slot = sums.back().slot + 1;
  }
}

void write_awards(ByteWriter &out, const std::vector<Award> &awards) {
  out.natural(awards.size());
  Award before{};
  bool is_first = true;
  for (const Award &award : awards) {
    out.natural(award.slot - before.slot);
    if (is_first || award.slot != before.slot)
      out.instant(award.at);
    else
      out.natural(bits_of(award.at) - bits_of(before.at));
    out.number(award.points);
    before = award;
    is_first = false;
  }
}

void read_awards(ByteReader &in, std::vector<Award> &awards) {
  const std::size_t count = start_list(in, smallest_award, awards);
  Award before{};
  for (std::size_t i = 0; i < count; ++i) {
    Award award;
    const auto gap = in.natural_as<SlotIndex>();
    require(gap <= ~before.slot, "its parts are not in order");
    award.slot = before.slot + gap;
    const bool is_next = i > 0 && gap == 0;
    if (is_next) {
      const std::uint64_t distance = in.natural();
      require(distance <= bits_of(distant_future) - bits_of(before.at), "its parts are not in order");
      award.at = Instant(Duration(static_cast<std::int64_t>(bits_of(before.at) + distance)));
    } else {
      award.at = in.instant();
    }
    award.points = in.nonzero();
    require(!is_next || award.at != before.at || award.points <= before.points, "its parts are not in order");
    awards.push_back(award);
    before = award;
  }
}

void write_tier(ByteWriter &out, TierIndex tier) { out.natural(static_cast<std::uint32_t>(tier) + 1); }

TierIndex read_tier(ByteReader &in) {
  const auto value = in.natural_as<std::uint32_t>();
  require(value <= static_cast<std::uint32_t>(std::numeric_limits<TierIndex>::max()) + 1, "a tier has a negative index");
  return static_cast<TierIndex>(value - 1);
}

void write_change(ByteWriter &out, const TierChange &change, Instant horizon) {
  out.instant_before(change.at, horizon);
  out.integer(change.from_version);
  write_tier(out, change.from);
  write_tier(out, change.to);
  out.byte(static_cast<unsigned>(change.cause) + (change.has_score ? causes : 0));
  if (change.has_score) out.number(change.score);
}

TierChange read_change(ByteReader &in, Instant horizon) {
  TierChange change;
  change.at = in.instant_before(horizon);
  change.from_version = in.integer_as<std::int32_t>();
  change.from = read_tier(in);
  change.to = read_tier(in);
  const unsigned cause = in.byte();
  require(cause < 2 * causes, "an unknown kind of write, cause, adjustment or decay");
  change.has_score = cause >= causes;
  change.cause = static_cast<Cause>(cause % causes);
  if (change.has_score) change.score = in.number();
  require(change.from != no_tier || change.from_version == 0, "no tier has a version");
  return change;
}

void write_adjustment(ByteWriter &out, const Adjustment &adjustment) {
  out.byte(static_cast<unsigned>(adjustment.kind));
  out.byte(static_cast<unsigned>(adjustment.decay.kind));
  out.integer(adjustment.id);
  out.instant(adjustment.at);
  out.instant(adjustment.until);
  out.natural(adjustment.dimension);
  write_tier(out, adjustment.tier);
  out.number(adjustment.points);
  out.integer(adjustment.decay.period.count());
  out.number(adjustment.decay.rate);
  out.integer(adjustment.decay.grace.count());
}

Adjustment read_adjustment(ByteReader &in) {
  Adjustment adjustment;
  adjustment.kind = in.enumeration(AdjustmentKind::tier);
  const auto decay = in.enumeration(DecayKind::window);
  adjustment.id = in.integer_as<std::int64_t>();
  adjustment.at = in.instant();
  adjustment.until = in.instant();
  adjustment.dimension = in.natural_as<DimensionIndex>();
  adjustment.tier = read_tier(in);
  adjustment.points = in.number();
  adjustment.decay = {.kind = decay, .period = Duration(in.integer_as<std::int64_t>()), .rate = in.number()};
  adjustment.decay.grace = Duration(in.integer_as<std::int64_t>());
  require(adjustment.decay.is_usable(), "an adjustment that fades in no possible way");
  return adjustment;
}

// Reads items, each of which must come after the one before it. There is at least one.
template <typename Item, typename Read, typename IsBefore>
void read_list(ByteReader &in, std::size_t smallest, std::vector<Item> &items, const Read &read, const IsBefore &is_before) {
  const std::size_t count = start_list(in, smallest, items);
  require(count > 0, "a part that holds nothing");
  for (std::size_t i = 0; i < count; ++i) {
    items.push_back(read(in));
    require(i == 0 || is_before(items[i - 1], items[i]), "its parts are not in order");
  }
}

std::size_t room_for(const State &state) noexcept {
  return largest_header + 2 * state.answers.size() + largest_sum * state.sums.size() + largest_award * state.awards.size() +
         largest_change * state.changes.size() + largest_adjustment * state.adjustments.size();
}

unsigned flags_of(const State &state) noexcept {
  return (state.has_lead ? lead_flag : 0) | (state.ceiling != not_ranked ? ceiling_flag : 0) |
         (state.due_at != distant_future ? due_flag : 0) | (!state.changes.empty() ? changes_flag : 0) |
         (!state.adjustments.empty() ? adjustments_flag : 0) |
         (state.has_lead && takes_two_bits(state.answers.size(), state.answers.count_unknown()) ? two_bits_flag : 0) |
         (state.last_event_at != distant_past ? events_flag : 0) | (state.due_early ? early_flag : 0);
}

// Of what the last write recorded, what most writes leave as it is comes first.
void write_record(ByteWriter &out, const State &state, unsigned flags) {
  if ((flags & due_flag) != 0) out.fixed(bits_of(state.due_at), fixed_size);
  if ((flags & ceiling_flag) != 0) out.fixed(std::bit_cast<std::uint64_t>(state.ceiling), fixed_size);
  write_tier(out, state.tier);
  write_tier(out, state.latched);
  out.instant(state.tier_since);
  out.byte(static_cast<unsigned>(state.write) * causes + static_cast<unsigned>(state.cause));
  out.instant(state.horizon);
  if ((flags & changes_flag) == 0) return;
  out.natural(state.changes.size());
  for (const TierChange &change : state.changes) write_change(out, change, state.horizon);
}

void read_record(ByteReader &in, State &state, unsigned flags) {
  state.due_at = distant_future;
  state.due_early = (flags & early_flag) != 0;
  if ((flags & due_flag) != 0) {
    state.due_at = Instant(Duration(static_cast<std::int64_t>(in.fixed(fixed_size))));
    require(state.due_at != distant_future, "a part that holds nothing");
  }
  state.ceiling = not_ranked;
  if ((flags & ceiling_flag) != 0) state.ceiling = ByteReader::checked(std::bit_cast<double>(in.fixed(fixed_size)));
  state.tier = read_tier(in);
  state.latched = read_tier(in);
  state.tier_since = in.instant();
  const unsigned write = in.byte();
  require(write < (static_cast<unsigned>(WriteKind::replace_all) + 1) * causes,
          "an unknown kind of write, cause, adjustment or decay");
  state.write = static_cast<WriteKind>(write / causes);
  state.cause = static_cast<Cause>(write % causes);
  state.horizon = in.instant();
  state.changes.clear();
  if ((flags & changes_flag) == 0) return;
  read_list(
      in, smallest_change, state.changes, [&state](ByteReader &from) { return read_change(from, state.horizon); },
      [](const TierChange &a, const TierChange &b) { return a.at <= b.at; });
}

void write_events(ByteWriter &out, const State &state, unsigned flags) {
  if ((flags & events_flag) != 0) out.instant_before(state.last_event_at, state.horizon);
  write_sums(out, state.sums);
  write_awards(out, state.awards);
}

void read_events(ByteReader &in, State &state, unsigned flags) {
  state.last_event_at = distant_past;
  if ((flags & events_flag) != 0) {
    state.last_event_at = in.instant_before(state.horizon);
    require(state.last_event_at != distant_past, "a part that holds nothing");
  }
  read_sums(in, state.sums);
  read_awards(in, state.awards);
}

void write_adjustments(ByteWriter &out, const State &state) {
  if (state.adjustments.empty()) return;
  out.natural(state.adjustments.size());
  for (const Adjustment &adjustment : state.adjustments) write_adjustment(out, adjustment);
}

void read_adjustments(ByteReader &in, State &state, unsigned flags) {
  state.adjustments.clear();
  if ((flags & adjustments_flag) == 0) return;
  read_list(in, smallest_adjustment, state.adjustments, read_adjustment,
            [](const Adjustment &a, const Adjustment &b) { return std::tie(a.at, a.id) <= std::tie(b.at, b.id); });
}

// What most writes leave as it is.
void write_steady_part(ByteWriter &out, const State &state) {
  out.integer(state.model);
  out.integer(state.version);
  out.instant(state.created_at);
  if (state.has_lead) write_answers(out, state.answers);
}

void read_steady_part(ByteReader &in, State &state, unsigned flags) {
  state.model = in.integer_as<std::int32_t>();
  state.version = in.integer_as<std::int32_t>();
  state.created_at = in.instant();
  state.has_lead = (flags & lead_flag) != 0;
  if (state.has_lead)
    read_answers(in, (flags & two_bits_flag) != 0, state.answers);
  else
    state.answers.clear();
}

}  // namespace

std::vector<std::byte> encode(const State &state) {
  const unsigned flags = flags_of(state);
  ByteWriter out(room_for(state));
  out.byte(format);
  out.byte(flags);
  write_record(out, state, flags);
  write_events(out, state, flags);
  write_adjustments(out, state);
  write_steady_part(out, state);
  return std::move(out).bytes();
}

State decode(std::span<const std::byte> bytes) {
  State state;
  decode(bytes, state);
  return state;
}

void decode(std::span<const std::byte> bytes, State &state) {
  ByteReader in(bytes);
  require(in.byte() == format, "unknown format");
  const unsigned flags = in.byte();
  require((flags & due_flag) != 0 || (flags & early_flag) == 0, "it is never due, and yet early");
  require((flags & lead_flag) != 0 || (flags & two_bits_flag) == 0, "answers about a lead that was not seen");
  read_record(in, state, flags);
  read_events(in, state, flags);
  read_adjustments(in, state, flags);
  read_steady_part(in, state, flags);
  require(in.left() == 0, "its length does not agree with what it says it holds");
}

Instant decode_due_at(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < prefix_size + fixed_size || (std::to_integer<unsigned>(bytes[1]) & due_flag) == 0) return distant_future;
  return Instant(Duration(static_cast<std::int64_t>(ByteReader(bytes.subspan(prefix_size)).fixed(fixed_size))));
}

bool decode_has_changes(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= prefix_size && (std::to_integer<unsigned>(bytes[1]) & changes_flag) != 0;
}

std::optional<double> decode_ceiling(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < prefix_size) return std::nullopt;
  const auto flags = std::to_integer<unsigned>(bytes[1]);
  const std::size_t offset = prefix_size + ((flags & due_flag) != 0 ? fixed_size : 0);
  if ((flags & ceiling_flag) == 0 || bytes.size() < offset + fixed_size) return std::nullopt;
  return std::bit_cast<double>(ByteReader(bytes.subspan(offset)).fixed(fixed_size));
}

}  // namespace leadscore

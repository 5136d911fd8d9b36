#include "core/state_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/error.hpp"
#include "core/evaluate.hpp"

namespace leadscore {

namespace {

// The header: format, flags, write and cause (a byte each), tier (4 bytes), due_at, horizon, last_event_at, tier_since (8 each),
// model, version, the counts of answers, sums, awards and changes (4 each), created_at (8), latched, the count of adjustments (4
// each), reserved zero bytes. After it comes the ceiling (8 bytes), if there is one.
constexpr std::uint8_t format = 1;
constexpr std::uint8_t lead_flag = 1;
constexpr std::uint8_t ceiling_flag = 2;
constexpr std::size_t flags_offset = 1;
constexpr std::size_t ceiling_size = 8;
constexpr std::size_t due_at_offset = 8;
constexpr std::size_t changes_offset = 60;
constexpr std::size_t reserved_size = 8;
constexpr std::size_t header_size = 88;

constexpr std::size_t answers_per_byte = 4;
constexpr std::size_t sum_size = 20;
constexpr std::size_t award_size = 20;
constexpr std::size_t change_size = 32;
constexpr std::size_t adjustment_size = 72;
constexpr std::size_t adjustment_reserved_size = 6;
constexpr std::size_t change_reserved_size = 2;

std::uint64_t size_of_answers(std::uint64_t count) noexcept { return (count + answers_per_byte - 1) / answers_per_byte; }

class Writer {
 public:
  explicit Writer(std::size_t size) : bytes_(size) {}

  template <typename Integer>
  void integer(Integer value) noexcept {
    const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
    std::byte *next = bytes_.data() + written_;
    for (std::size_t i = 0; i < sizeof bits; ++i) next[i] = static_cast<std::byte>(bits >> (8 * i));
    written_ += sizeof bits;
  }
  void number(double value) noexcept { integer(std::bit_cast<std::uint64_t>(value)); }
  void instant(Instant value) noexcept { integer(value.time_since_epoch().count()); }
  void zeros(std::size_t count) noexcept { written_ += count; }

  std::vector<std::byte> bytes() && { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
  std::size_t written_ = 0;
};

[[noreturn]] void refuse(const char *fault) { throw InvalidState(std::string("invalid state: ") + fault); }

void require(bool holds, const char *fault) {
  if (!holds) refuse(fault);
}

// Reads from bytes whose length was checked before; it checks what it reads.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <typename Integer>
  Integer integer() {
    using Bits = std::make_unsigned_t<Integer>;
    Bits bits = 0;
    for (std::size_t i = 0; i < sizeof bits; ++i) bits = static_cast<Bits>(bits | static_cast<Bits>(bytes_[i]) << (8 * i));
    bytes_ = bytes_.subspan(sizeof bits);
    return static_cast<Integer>(bits);
  }
  double number() {
    const auto value = std::bit_cast<double>(integer<std::uint64_t>());
    require(std::fabs(value) <= largest_value, "a number is not finite, or too large");
    return value;
  }
  double nonzero() {
    const double value = number();
    require(value != 0, "an award or sum of 0");
    return value;
  }
  Instant instant() { return Instant(Duration(integer<std::int64_t>())); }
  TierIndex tier() {
    const auto value = integer<TierIndex>();
    require(value >= no_tier, "a tier has a negative index");
    return value;
  }
  // An enumeration whose values go from 0 to `last`.
  template <typename Enumeration>
  Enumeration enumeration(Enumeration last) {
    const auto value = integer<std::uint8_t>();
    require(value <= static_cast<std::uint8_t>(last), "an unknown kind of write, cause, adjustment or decay");
    return static_cast<Enumeration>(value);
  }
  void zeros(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) require(integer<std::uint8_t>() == 0, "reserved bytes are not zero");
  }

 private:
  std::span<const std::byte> bytes_;
};

struct Counts {
  std::uint32_t answers = 0;
  std::uint32_t sums = 0;
  std::uint32_t awards = 0;
  std::uint32_t changes = 0;
  std::uint32_t adjustments = 0;
  std::uint32_t ceilings = 0;  // at most one

  // No overflow: each count is below 2^32.
  [[nodiscard]] std::uint64_t size() const noexcept {
    return header_size + ceilings * ceiling_size + size_of_answers(answers) + std::uint64_t{sums} * sum_size +
           std::uint64_t{awards} * award_size + std::uint64_t{changes} * change_size + std::uint64_t{adjustments} * adjustment_size;
  }
};

Counts counts_of(const State &state) noexcept {
  return {.answers = static_cast<std::uint32_t>(state.answers.size()),
          .sums = static_cast<std::uint32_t>(state.sums.size()),
          .awards = static_cast<std::uint32_t>(state.awards.size()),
          .changes = static_cast<std::uint32_t>(state.changes.size()),
          .adjustments = static_cast<std::uint32_t>(state.adjustments.size()),
          .ceilings = state.ceiling == not_ranked ? 0U : 1U};
}

void write_header(Writer &out, const State &state, const Counts &counts) {
  out.integer(format);
  out.integer(static_cast<std::uint8_t>((state.has_lead ? lead_flag : 0) | (counts.ceilings > 0 ? ceiling_flag : 0)));
  out.integer(static_cast<std::uint8_t>(state.write));
  out.integer(static_cast<std::uint8_t>(state.cause));
  out.integer(state.tier);
  out.instant(state.due_at);
  out.instant(state.horizon);
  out.instant(state.last_event_at);
  out.instant(state.tier_since);
  out.integer(state.model);
  out.integer(state.version);
  out.integer(counts.answers);
  out.integer(counts.sums);
  out.integer(counts.awards);
  out.integer(counts.changes);
  out.instant(state.created_at);
  out.integer(state.latched);
  out.integer(counts.adjustments);
  out.zeros(reserved_size);
  if (counts.ceilings > 0) out.number(state.ceiling);
}

void write_answers(Writer &out, const std::vector<Answer> &answers) {
  for (std::size_t first = 0; first < answers.size(); first += answers_per_byte) {
    unsigned packed = 0;
    for (std::size_t i = 0; i < answers_per_byte && first + i < answers.size(); ++i) {
      packed |= static_cast<unsigned>(answers[first + i]) << (2 * i);
    }
    out.integer(static_cast<std::uint8_t>(packed));
  }
}

void write_change(Writer &out, const TierChange &change) {
  out.instant(change.at);
  out.number(change.score);
  out.integer(change.from_version);
  out.integer(change.from);
  out.integer(change.to);
  out.integer(static_cast<std::uint8_t>(change.has_score ? 1 : 0));
  out.integer(static_cast<std::uint8_t>(change.cause));
  out.zeros(change_reserved_size);
}

void write_adjustment(Writer &out, const Adjustment &adjustment) {
  out.integer(static_cast<std::uint8_t>(adjustment.kind));
  out.integer(static_cast<std::uint8_t>(adjustment.decay.kind));
  out.zeros(adjustment_reserved_size);
  out.integer(adjustment.id);
  out.instant(adjustment.at);
  out.instant(adjustment.until);
  out.integer(adjustment.dimension);
  out.integer(adjustment.tier);
  out.number(adjustment.points);
  out.integer(adjustment.decay.period.count());
  out.number(adjustment.decay.rate);
  out.integer(adjustment.decay.grace.count());
}

Counts read_header(Reader &in, State &state) {
  require(in.integer<std::uint8_t>() == format, "unknown format");
  const auto flags = in.integer<std::uint8_t>();
  require(flags <= (lead_flag | ceiling_flag), "unknown flags");
  state.has_lead = (flags & lead_flag) != 0;
  state.write = in.enumeration(WriteKind::replace_all);
  state.cause = in.enumeration(Cause::adjustment);
  state.tier = in.tier();
  state.due_at = in.instant();
  state.horizon = in.instant();
  state.last_event_at = in.instant();
  state.tier_since = in.instant();
  state.model = in.integer<std::int32_t>();
  state.version = in.integer<std::int32_t>();
  Counts counts;
  counts.ceilings = (flags & ceiling_flag) != 0 ? 1 : 0;
  counts.answers = in.integer<std::uint32_t>();
  counts.sums = in.integer<std::uint32_t>();
  counts.awards = in.integer<std::uint32_t>();
  counts.changes = in.integer<std::uint32_t>();
  state.created_at = in.instant();
  state.latched = in.tier();
  counts.adjustments = in.integer<std::uint32_t>();
  in.zeros(reserved_size);
  require(state.has_lead == (counts.answers > 0), "answers about a lead that was not seen, or none about one that was");
  return counts;
}

// The answers of each byte.
using PackedAnswers = std::array<Answer, answers_per_byte>;
constexpr std::array<PackedAnswers, 256> answers_by_byte = [] {
  std::array<PackedAnswers, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    for (std::size_t i = 0; i < answers_per_byte; ++i) table[byte][i] = static_cast<Answer>(byte >> (2 * i) & 3U);
  }
  return table;
}();

void read_answers(Reader &in, std::uint32_t count, std::vector<Answer> &answers) {
  answers.resize(size_of_answers(count) * answers_per_byte);
  for (std::size_t first = 0; first < answers.size(); first += answers_per_byte) {
    const auto packed = in.integer<std::uint8_t>();
    // Both bits of an answer that does not exist are set.
    require((packed & packed >> 1U & 0x55U) == 0, "an unknown answer");
    std::ranges::copy(answers_by_byte[packed], answers.begin() + static_cast<std::ptrdiff_t>(first));
  }
  const auto last = answers.begin() + static_cast<std::ptrdiff_t>(count);
  require(std::all_of(last, answers.end(), [](Answer answer) { return answer == Answer::unknown; }), "reserved bits are not zero");
  answers.resize(count);
}

Sum read_sum(Reader &in) {
  Sum sum;
  sum.slot = in.integer<SlotIndex>();
  sum.exponent = in.integer<std::int64_t>();
  sum.mantissa = in.nonzero();
  return sum;
}

Award read_award(Reader &in) {
  Award award;
  award.slot = in.integer<SlotIndex>();
  award.at = in.instant();
  award.points = in.nonzero();
  return award;
}

TierChange read_change(Reader &in) {
  TierChange change;
  change.at = in.instant();
  change.score = in.number();
  change.from_version = in.integer<std::int32_t>();
  change.from = in.tier();
  change.to = in.tier();
  const auto has_score = in.integer<std::uint8_t>();
  require(has_score <= 1, "a truth that is neither true nor false");
  change.has_score = has_score == 1;
  require(change.has_score || std::bit_cast<std::uint64_t>(change.score) == 0, "a score that is not there has a value");
  change.cause = in.enumeration(Cause::adjustment);
  require(change.from != no_tier || change.from_version == 0, "no tier has a version");
  in.zeros(change_reserved_size);
  return change;
}

Adjustment read_adjustment(Reader &in) {
  Adjustment adjustment;
  adjustment.kind = in.enumeration(AdjustmentKind::tier);
  const auto decay = in.enumeration(DecayKind::window);
  in.zeros(adjustment_reserved_size);
  adjustment.id = in.integer<std::int64_t>();
  adjustment.at = in.instant();
  adjustment.until = in.instant();
  adjustment.dimension = in.integer<DimensionIndex>();
  adjustment.tier = in.tier();
  adjustment.points = in.number();
  adjustment.decay = {.kind = decay, .period = Duration(in.integer<std::int64_t>()), .rate = in.number()};
  adjustment.decay.grace = Duration(in.integer<std::int64_t>());
  require(adjustment.decay.is_usable(), "an adjustment that fades in no possible way");
  return adjustment;
}

// Reads `count` items, each of which must come after the one before it.
template <typename Item, typename Read, typename IsBefore>
void read_list(Reader &in, std::uint32_t count, std::vector<Item> &items, const Read &read, const IsBefore &is_before) {
  items.clear();
  items.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    items.push_back(read(in));
    require(i == 0 || is_before(items[i - 1], items[i]), "its parts are not in order");
  }
}

}  // namespace

std::vector<std::byte> encode(const State &state) {
  const Counts counts = counts_of(state);
  Writer out(static_cast<std::size_t>(counts.size()));
  write_header(out, state, counts);
  write_answers(out, state.answers);
  for (const Sum &sum : state.sums) {
    out.integer(sum.slot);
    out.integer(sum.exponent);
    out.number(sum.mantissa);
  }
  for (const Award &award : state.awards) {
    out.integer(award.slot);
    out.instant(award.at);
    out.number(award.points);
  }
  for (const TierChange &change : state.changes) write_change(out, change);
  for (const Adjustment &adjustment : state.adjustments) write_adjustment(out, adjustment);
  return std::move(out).bytes();
}

State decode(std::span<const std::byte> bytes) {
  State state;
  decode(bytes, state);
  return state;
}

void decode(std::span<const std::byte> bytes, State &state) {
  require(bytes.size() >= header_size, "it is too short");
  Reader in(bytes);
  const Counts counts = read_header(in, state);
  require(counts.size() == bytes.size(), "its length does not agree with what it says it holds");
  state.ceiling = counts.ceilings > 0 ? in.number() : not_ranked;
  read_answers(in, counts.answers, state.answers);
  read_list(in, counts.sums, state.sums, read_sum, [](const Sum &a, const Sum &b) { return a.slot < b.slot; });
  read_list(in, counts.awards, state.awards, read_award,
            [](const Award &a, const Award &b) { return std::tie(a.slot, a.at, b.points) <= std::tie(b.slot, b.at, a.points); });
  read_list(in, counts.changes, state.changes, read_change, [](const TierChange &a, const TierChange &b) { return a.at <= b.at; });
  read_list(in, counts.adjustments, state.adjustments, read_adjustment,
            [](const Adjustment &a, const Adjustment &b) { return std::tie(a.at, a.id) <= std::tie(b.at, b.id); });
}

Instant decode_due_at(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < due_at_offset + sizeof(std::int64_t)) return distant_future;
  return Reader(bytes.subspan(due_at_offset)).instant();
}

bool decode_has_changes(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < header_size) return false;
  return Reader(bytes.subspan(changes_offset)).integer<std::uint32_t>() > 0;
}

std::optional<double> decode_ceiling(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < header_size + ceiling_size || (std::to_integer<unsigned>(bytes[flags_offset]) & ceiling_flag) == 0) {
    return std::nullopt;
  }
  return std::bit_cast<double>(Reader(bytes.subspan(header_size)).integer<std::uint64_t>());
}

}  // namespace leadscore

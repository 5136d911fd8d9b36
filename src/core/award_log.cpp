#include "core/award_log.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/folded.hpp"

namespace leadscore {

namespace {

// The first byte of an encoded state is its small format number; a log begins with another.
constexpr std::uint32_t log_format = 0xC3;

// A model of more slots has no sums: most of its leads touch but few of them.
constexpr std::size_t most_sums = 64;

std::size_t sum_count(const Program &program) noexcept { return program.slots.size() <= most_sums ? program.slots.size() : 0; }

}  // namespace

std::size_t AwardLog::size_for(const Program &program, std::uint32_t capacity) noexcept {
  return sizeof(Header) + sum_count(program) * sizeof(double) + capacity * sizeof(Award);
}

bool AwardLog::is_log(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= sizeof(Header) && bytes[0] == std::byte{log_format};
}

AwardLog AwardLog::start(std::span<std::byte> bytes, const Program &program, Instant horizon) noexcept {
  AwardLog log(bytes, Unchecked{});
  log.store(0, Header{.format = log_format,
                      .sums = static_cast<std::uint32_t>(sum_count(program)),
                      .capacity = static_cast<std::uint32_t>((bytes.size() - size_for(program, 0)) / sizeof(Award)),
                      .count = 0,
                      .model = program.model,
                      .version = program.version,
                      .horizon = horizon.time_since_epoch().count(),
                      .last_event_at = distant_past.time_since_epoch().count()});
  log.clear();
  return log;
}

AwardLog::AwardLog(std::span<std::byte> bytes) : bytes_(bytes) {
  if (!is_log(bytes) || award_offset(capacity()) != bytes.size() || get(&Header::count) > capacity())
    throw InvalidState("invalid transition state of an aggregate over events");
}

void AwardLog::clear() noexcept {
  for (SlotIndex slot = 0; slot < get(&Header::sums); ++slot) store(sum_offset(slot), 0.0);
  set(&Header::count, std::uint32_t{0});
}

void AwardLog::note_event(Instant at) noexcept {
  if (at == distant_future) return;
  set(&Header::last_event_at, std::max(get(&Header::last_event_at), static_cast<std::int64_t>(at.time_since_epoch().count())));
}

bool AwardLog::add(const Program &program, SlotIndex slot, Instant at, double points) noexcept {
  const Slot &of = program.slots[slot];
  if (slot >= get(&Header::sums) || of.keeps_entries() || !std::isfinite(points)) return false;
  const Instant asked = horizon();
  if (!is_foldable(of.decay, at, asked)) return false;
  store(sum_offset(slot), held(load<double>(sum_offset(slot)) + points * of.decay.factor(at, asked)));
  return true;
}

void AwardLog::append(SlotIndex slot, Instant at, double points) noexcept {
  if (points == 0 || !std::isfinite(points)) return;
  const auto count = get(&Header::count);
  store(award_offset(count), Award{.slot = slot, .at = at, .points = points});
  set(&Header::count, count + 1);
}

// A sum is one award that is worth the same from the horizon on: made at the horizon, less the grace that is over.
State AwardLog::to_state(const Program &program) const {
  State state = empty_state(program);
  state.last_event_at = Instant(Duration(get(&Header::last_event_at)));
  const auto sums = get(&Header::sums);
  const auto count = get(&Header::count);
  state.awards.reserve(sums + count);
  for (SlotIndex slot = 0; slot < sums; ++slot) {
    const auto sum = load<double>(sum_offset(slot));
    if (sum != 0) add_award(state, slot, horizon() - program.slots[slot].decay.grace, sum);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto logged = load<Award>(award_offset(i));
    add_award(state, logged.slot, logged.at, logged.points);
  }
  fold(program, state, horizon());
  return state;
}

std::uint32_t AwardLog::compact(const Program &program) {
  const State state = to_state(program);
  clear();
  for (const Sum &sum : state.sums) {
    const Decay &decay = program.slots[sum.slot].decay;
    const double worth = folded_value(decay, sum, horizon());
    if (!add(program, sum.slot, horizon() - decay.grace, worth)) append(sum.slot, horizon() - decay.grace, worth);
  }
  for (const Award &kept : state.awards) append(kept.slot, kept.at, kept.points);
  return get(&Header::count);
}

void AwardLog::copy_from(const AwardLog &other) noexcept {
  const auto count = other.get(&Header::count);
  const std::size_t size = other.award_offset(count) - sizeof(Header);
  std::memcpy(bytes_.data() + sizeof(Header), other.bytes_.data() + sizeof(Header), size);
  set(&Header::count, count);
  set(&Header::last_event_at, other.get(&Header::last_event_at));
}

}  // namespace leadscore

#include "core/award_log.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.hpp"
#include "core/folded.hpp"

namespace leadscore {

namespace {

// The first byte of an encoded state is its small format number; a log begins with another.
constexpr std::uint32_t log_format = 0xC3;

}  // namespace

std::size_t AwardLog::size_for(std::uint32_t capacity) noexcept { return sizeof(Header) + capacity * sizeof(Award); }

bool AwardLog::is_log(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= sizeof(Header) && bytes[0] == std::byte{log_format};
}

AwardLog AwardLog::start(std::span<std::byte> bytes, const Program &program, Instant horizon) noexcept {
  AwardLog log(bytes, Unchecked{});
  log.set_header({.format = log_format,
                  .capacity = static_cast<std::uint32_t>((bytes.size() - sizeof(Header)) / sizeof(Award)),
                  .count = 0,
                  .model = program.model,
                  .version = program.version,
                  .padding = 0,
                  .horizon = horizon.time_since_epoch().count(),
                  .last_event_at = distant_past.time_since_epoch().count()});
  return log;
}

AwardLog::AwardLog(std::span<std::byte> bytes) : bytes_(bytes) {
  if (!is_log(bytes) || size_for(header().capacity) != bytes.size() || header().count > header().capacity)
    throw InvalidState("invalid transition state of an aggregate over events");
}

AwardLog::Header AwardLog::header() const noexcept {
  Header header;
  std::memcpy(&header, bytes_.data(), sizeof header);
  return header;
}

void AwardLog::set_header(const Header &header) noexcept { std::memcpy(bytes_.data(), &header, sizeof header); }

Award AwardLog::award(std::uint32_t index) const noexcept {
  Award award;
  std::memcpy(&award, bytes_.data() + size_for(index), sizeof award);
  return award;
}

void AwardLog::set_award(std::uint32_t index, const Award &award) noexcept {
  std::memcpy(bytes_.data() + size_for(index), &award, sizeof award);
}

void AwardLog::note_event(Instant at) noexcept {
  if (at == distant_future) return;
  Header changed = header();
  changed.last_event_at = std::max(changed.last_event_at, static_cast<std::int64_t>(at.time_since_epoch().count()));
  set_header(changed);
}

void AwardLog::append(SlotIndex slot, Instant at, double points) noexcept {
  if (points == 0 || !std::isfinite(points)) return;
  Header changed = header();
  set_award(changed.count++, {.slot = slot, .at = at, .points = points});
  set_header(changed);
}

State AwardLog::to_state(const Program &program) const {
  State state = empty_state(program);
  const Header all = header();
  state.last_event_at = Instant(Duration(all.last_event_at));
  state.awards.reserve(all.count);
  for (std::uint32_t i = 0; i < all.count; ++i) {
    const Award logged = award(i);
    add_award(state, logged.slot, logged.at, logged.points);
  }
  fold(program, state, horizon());
  return state;
}

// A folded sum goes back into the log as one award that is worth the same from the horizon on: made at the horizon, less the
// grace that is over.
std::uint32_t AwardLog::compact(const Program &program) {
  const State state = to_state(program);
  Header changed = header();
  changed.count = 0;
  for (const Sum &sum : state.sums) {
    const Decay &decay = program.slots[sum.slot].decay;
    const double worth = folded_value(decay, sum, horizon());
    if (worth != 0) set_award(changed.count++, {.slot = sum.slot, .at = horizon() - decay.grace, .points = worth});
  }
  for (const Award &kept : state.awards) set_award(changed.count++, kept);
  set_header(changed);
  return changed.count;
}

void AwardLog::copy_from(const AwardLog &other) noexcept {
  Header changed = header();
  const Header source = other.header();
  std::memcpy(bytes_.data() + sizeof(Header), other.bytes_.data() + sizeof(Header), source.count * sizeof(Award));
  changed.count = source.count;
  changed.last_event_at = source.last_event_at;
  set_header(changed);
}

}  // namespace leadscore

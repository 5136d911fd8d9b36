#include "core/counted.hpp"

#include <algorithm>

namespace leadscore {

namespace {

// Tells of the entries of one limited slot, in their order, which ones award.
class Gate {
 public:
  Gate(const Limit &limit, std::span<const Award> entries) : limit_(limit), entries_(entries) {}

  bool lets_through(const Award &entry) {
    while (oldest_ < awarded_.size() && !is_within(entries_[awarded_[oldest_]].at, entry.at)) ++oldest_;
    if (awarded_.size() - oldest_ >= limit_.max_awards) return false;
    awarded_.push_back(static_cast<std::size_t>(&entry - entries_.data()));
    return true;
  }

 private:
  [[nodiscard]] bool is_within(Instant earlier, Instant at) const noexcept {
    return limit_.per == Duration::zero() || elapsed(earlier, at) < limit_.per;
  }

  const Limit &limit_;
  std::span<const Award> entries_;
  std::vector<std::size_t> awarded_;
  std::size_t oldest_ = 0;  // the first of the awarded that may still be within `per`
};

void count_slot(const Program &program, const State &state, std::span<const Award> entries, std::vector<CountedEntry> &counted) {
  const Slot &slot = program.slots[entries.front().slot];
  if (slot.kind == SlotKind::silence || slot.kind == SlotKind::reset) return;
  std::optional<Gate> gate;
  if (slot.limit) gate.emplace(*slot.limit, entries);
  for (const Award &entry : entries) {
    if (gate && !gate->lets_through(entry)) continue;
    CountedEntry &result = counted.emplace_back(CountedEntry{.slot = entry.slot, .at = entry.at, .points = entry.points});
    if (slot.can_be_reset) result.until = reset_after(program, state, slot.dimension, entry.at);
    if (slot.frequency && slot.frequency->within != Duration::zero()) {
      if (entry.at == distant_past) result.until = distant_past;  // it is in no window that ends
      result.until = std::min(result.until, later(entry.at, slot.frequency->within));
    }
  }
}

}  // namespace

std::span<const Award> entries_of(const State &state, SlotIndex slot) noexcept {
  const auto first = std::ranges::lower_bound(state.awards, slot, {}, &Award::slot);
  return {first, std::ranges::upper_bound(first, state.awards.end(), slot, {}, &Award::slot)};
}

Instant reset_after(const Program &program, const State &state, DimensionIndex dimension, Instant at) noexcept {
  Instant first = distant_future;
  for (const SlotIndex slot : program.dimensions[dimension].reset_by) {
    const std::span<const Award> resets = entries_of(state, slot);
    const auto next = std::ranges::upper_bound(resets, at, {}, &Award::at);
    if (next != resets.end()) first = std::min(first, next->at);
  }
  return first;
}

void count_entries(const Program &program, const State &state, std::vector<CountedEntry> &counted) {
  counted.clear();
  for (auto first = state.awards.begin(); first != state.awards.end();) {
    const auto last = std::find_if(first, state.awards.end(), [&](const Award &award) { return award.slot != first->slot; });
    count_slot(program, state, {first, last}, counted);
    first = last;
  }
}

std::vector<CountedEntry> counted_entries(const Program &program, const State &state) {
  std::vector<CountedEntry> counted;
  count_entries(program, state, counted);
  return counted;
}

}  // namespace leadscore

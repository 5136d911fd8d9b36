// Which entries of a state count, and for how long: after limits and resets.
#pragma once

#include <span>
#include <vector>

#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// An entry that counts at t with at <= t < until; its points are what they are before any decay.
struct CountedEntry {
  SlotIndex slot = 0;
  Instant at{};
  Instant until = distant_future;
  double points = 0;
};

// The entries of one slot, by instant and falling points, as a state holds them.
[[nodiscard]] std::span<const Award> entries_of(const State &state, SlotIndex slot) noexcept;

// The first event after `at` that empties the dimension; distant_future: none.
[[nodiscard]] Instant reset_after(const Program &program, const State &state, DimensionIndex dimension, Instant at) noexcept;

// What counts of slots of awards, frequencies and grants, by slot. Of the entries of a limited slot those that the limit lets
// award: going through them by instant, and at one instant by falling points, all before which fewer than `max_awards` awards lie
// within `per`. A reset ends what was entered before it, but gives no place back. An event stays in a frequency for `within`.
void count_entries(const Program &program, const State &state, std::vector<CountedEntry> &counted);
[[nodiscard]] std::vector<CountedEntry> counted_entries(const Program &program, const State &state);

}  // namespace leadscore

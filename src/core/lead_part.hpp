// What a lead brings to its score of its own: bases, the answers to lead rules, the start of silences.
#pragma once

#include <optional>

#include "core/valuation.hpp"

namespace leadscore {

// Bases and lead rules; without a lead's row, bases alone.
[[nodiscard]] LeadPart<double> lead_part(const Program &program, const State &state);

// Bases, lead rules and adjustments at `t`.
[[nodiscard]] LeadPart<double> lead_part_at(const Program &program, const State &state, Instant t);

// What an adjustment of points is worth at `t`.
[[nodiscard]] double adjusted_points(const Program &program, const State &state, const Adjustment &adjustment, Instant t) noexcept;

// Neither bases nor lead rules.
[[nodiscard]] LeadPart<double> nothing_of_lead(const Program &program);

// When an adjustment stops to count: at its end, or when an event empties its dimension.
[[nodiscard]] Instant counts_until(const Program &program, const State &state, const Adjustment &adjustment) noexcept;

// Since when a slot of silence has seen no event at `t`: since the latest event or reset, else since the lead was created. None if
// there is nothing to count from.
[[nodiscard]] std::optional<Instant> silent_since(const Program &program, const State &state, SlotIndex slot, Instant t) noexcept;

// How often a silence from `since` to `t` awards.
[[nodiscard]] double whole_silences(const Silence &silence, Instant since, Instant t) noexcept;

}  // namespace leadscore

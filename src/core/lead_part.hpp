// What a lead brings to its score of its own: bases, the answers to lead rules, the start of silences.
#pragma once

#include <optional>

#include "core/valuation.hpp"

namespace leadscore {

// Bases and lead rules; without a lead's row, bases alone. The memory of `lead` is used again.
void fill_lead_part(const Program &program, const State &state, LeadPart<double> &lead);
[[nodiscard]] LeadPart<double> lead_part(const Program &program, const State &state);

// What each lead rule gives. `fill_lead_part` does this only if a dimension picks one of them.
void fill_rules(const Program &program, const State &state, LeadPart<double> &lead);

// Adds adjustments at `t` to `lead.own`.
void add_adjustments(const Program &program, const State &state, Instant t, LeadPart<double> &lead);

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

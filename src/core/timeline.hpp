// What time alone does to a stored state: its changes of tier, one after the other.
#pragma once

#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// The tier that a stored state has at `t`, and since when, if nothing but time has happened since it was written.
struct Moment {
  TierIndex tier = no_tier;
  TierIndex latched = no_tier;   // the highest latched tier reached by then
  Instant since = distant_past;  // of the tier; distant_past for a state without a record
};

// `t` must not lie before the state's horizon.
[[nodiscard]] Moment moment_at(const Program &program, const State &state, Instant t);

// The highest latched tier that has been reached at `t`: that of the record, or one that time alone has led to since.
[[nodiscard]] TierIndex latched_at(const Program &program, const State &state, Instant t);

// The tier at `t`, the past of a stored state remembered.
[[nodiscard]] TierIndex tier_at(const Program &program, const State &state, Instant t);

// Since when a stored state has had the tier that it has at `t`; distant_past for a state without a record.
[[nodiscard]] Instant tier_since(const Program &program, const State &state, Instant t);

}  // namespace leadscore

#include "core/upper_bound.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/lead_part.hpp"
#include "core/value_between.hpp"

namespace leadscore {

double upper_bound(const Program &program, const State &state, Instant from) {
  require_fit(program, state);
  if (from < state.horizon) throw InvalidArgument("the state has no upper bound from an instant before its horizon");
  const Instant last = std::max(from, distant_future - Duration{1});
  Ages ages_first(from);
  Ages ages_last(last);
  const ValueBetween values{program, state, from, last, ages_first, ages_last};
  LeadPart<Range> lead = lead_part_as<Range>(lead_part(program, state), [](double value) { return Range{value, value}; });
  double highest = -largest_value;
  for (const Adjustment &adjustment : state.adjustments) {
    const Instant until = counts_until(program, state, adjustment);
    if (adjustment.kind == AdjustmentKind::points) {
      Range &own = lead.own[adjustment.dimension];
      own = plus(own, values.fading(adjustment.decay, adjustment.points, adjustment.at, until));
    } else if (adjustment.kind == AdjustmentKind::score && adjustment.until > from) {
      highest = std::max(highest, adjustment.points);
    }
  }
  std::vector<Range> slots;
  value_slots(program, state, counted_entries(program, state), values, slots);
  std::vector<Range> dimensions;
  roll_up(program, lead, slots, dimensions);
  return std::max(highest, dimensions[root_dimension].high);
}

}  // namespace leadscore

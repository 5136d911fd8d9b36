// When does time alone change the tier?
#pragma once

#include <cstdint>

#include "core/course.hpp"
#include "core/evaluation.hpp"
#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

struct NextChange {
  Instant at = distant_future;  // distant_future: never
  bool exact = true;            // else the budget ran out, and no change comes before or at `at`
};

// A look ahead from one instant. It refers to the program and the state, which must fit each other and stay as they are.
class Outlook {
 public:
  // `from` must not lie before the state's horizon.
  Outlook(const Program &program, const State &state, Instant from);

  // What the state is worth at `from`.
  [[nodiscard]] const Valuation &value() const noexcept { return value_; }

  // Whether the tier at `t` is another one than `tier`, that at `from`.
  [[nodiscard]] bool changes_at(TierIndex latched, TierIndex tier, Instant t);

  // See find_change; `tier` is that at `from`.
  [[nodiscard]] NextChange find(TierIndex latched, TierIndex tier, std::int64_t budget, Instant until);

 private:
  const Program &program_;
  const State &state_;
  Instant from_;
  Evaluation evaluation_;
  Valuation value_;
  LeadPart<Course> lead_;
};

// The first instant after `from` at which the tier differs from the tier at `from`, to the microsecond, if `latched` is the highest
// latched tier reached by then.
//
// Every award fades monotonically once it counts, so over an interval each slot, clamp, sum and weight has a range that follows
// from its two ends. The search halves the interval, left half first, and leaves out every part over which the ranges show one
// tier; the first time it cuts out the surroundings of where the change is likely to be instead. `budget` bounds the number of
// ranges that are evaluated. A change after `until` is not looked for: it counts as never.
[[nodiscard]] NextChange find_change(const Program &program, const State &state, TierIndex latched, Instant from,
                                     std::int64_t budget, Instant until);

// The same for a state as it is: the latched tier is the one that has been reached at `from` (see timeline.hpp).
[[nodiscard]] NextChange next_change(const Program &program, const State &state, Instant from, std::int64_t budget = 1'000'000,
                                     Instant until = distant_future);

}  // namespace leadscore

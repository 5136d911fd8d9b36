// A state taken apart once, to be evaluated at one instant after the other.
#pragma once

#include <vector>

#include "core/valuation.hpp"

namespace leadscore {

// What it holds in memory is used again for the next state.
class Evaluation {
 public:
  // Both must stay as they are until the next call. Throws InvalidState unless the state fits the program (see require_fit).
  void start(const Program &program, const State &state, Part part = Part::all);

  // What the state is worth at `t` (see evaluate_all). Throws InvalidArgument if `t` lies before the state's horizon.
  void evaluate(Instant t, Valuation &value);

  // What the lead brought to the last evaluation.
  [[nodiscard]] const LeadPart<double> &lead() const noexcept { return lead_; }

 private:
  const Program *program_ = nullptr;
  const State *state_ = nullptr;
  Part part_ = Part::all;
  std::vector<CountedEntry> counted_;
  LeadPart<double> lead_;
  std::vector<double> own_;  // of the dimensions, without adjustments; if there are some
};

}  // namespace leadscore

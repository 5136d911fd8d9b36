// Several questions about one state at one instant, each answered once.
#pragma once

#include <optional>
#include <vector>

#include "core/next_change.hpp"
#include "core/program.hpp"
#include "core/state.hpp"
#include "core/timeline.hpp"

namespace leadscore {

// It refers to the program and the state, which must stay as they are. `t` must not lie before the state's horizon.
class Reading {
 public:
  Reading(const Program &program, const State &state, Instant t) noexcept : program_(program), state_(state), t_(t) {}

  [[nodiscard]] Instant at() const noexcept { return t_; }
  [[nodiscard]] const std::vector<double> &dimensions();  // see evaluate
  [[nodiscard]] TierIndex tier();                         // see tier_at
  [[nodiscard]] Instant tier_since();                     // see leadscore::tier_since
  [[nodiscard]] Instant next_change();                    // the next change of tier; distant_future: never

 private:
  [[nodiscard]] Instant find_next_change();

  const Program &program_;
  const State &state_;
  Instant t_;
  std::optional<std::vector<double>> dimensions_{};
  std::optional<TierIndex> tier_{};
  std::optional<Instant> since_{};
  std::optional<Instant> next_change_{};
};

}  // namespace leadscore

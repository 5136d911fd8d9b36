// Several questions about one state at one instant, each answered once.
#pragma once

#include <optional>
#include <vector>

#include "core/evaluation.hpp"
#include "core/program.hpp"
#include "core/state.hpp"

namespace leadscore {

// What it holds in memory is used again for the next state.
class Reading {
 public:
  // It refers to the program and the state, which must fit each other and stay as they are. `t` must not lie before the state's
  // horizon.
  void start(const Program &program, const State &state, Instant t);

  [[nodiscard]] Instant at() const noexcept { return t_; }
  [[nodiscard]] const std::vector<double> &dimensions();  // see evaluate
  [[nodiscard]] TierIndex tier();                         // see tier_at
  [[nodiscard]] Instant tier_since();                     // see leadscore::tier_since
  [[nodiscard]] Instant next_change();                    // the next change of tier; distant_future: never

 private:
  [[nodiscard]] const Valuation &value();
  [[nodiscard]] Instant find_next_change();

  const Program *program_ = nullptr;
  const State *state_ = nullptr;
  Instant t_{};
  Evaluation evaluation_;
  Valuation value_;
  bool has_value_ = false;
  std::optional<TierIndex> tier_{};
  std::optional<Instant> since_{};
  std::optional<Instant> next_change_{};
};

}  // namespace leadscore

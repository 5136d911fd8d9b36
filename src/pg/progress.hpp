// How far a publish or rebuild is, for whoever looks: as the activity of its session in pg_stat_activity, from which
// leadscore.progress() takes it, and now and then as a notice to its caller. What it writes is seen by nobody else before it
// commits.
#pragma once

#include "pg/postgres.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/state.hpp"
#include "pg/compiled_model.hpp"

namespace leadscore::pg {

// What takes long, in this order.
enum class Step : std::uint8_t { read_leads, read_events, score_leads };

class Progress {
 public:
  // Inside an SpiScope.
  Progress(const CompiledModel &model, Cause cause);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  // Notes that one more row is done, if rows are counted now; says so from time to time.
  void count(Step step) {
    if (!counts_) return;
    std::uint64_t &rows = done_[static_cast<std::size_t>(step)];
    if ((++rows & 1023) == 0) say(step, rows);
  }
  // Says what it does now, of which nothing is counted.
  void say(const std::string &what);
  // From now on rows are counted.
  void say_reading();

 private:
  void say(Step step, std::uint64_t rows);
  void tell_caller(TimestampTz now, const std::string &text);

  std::string name_;  // of the call
  std::array<double, 3> expected_{};
  std::array<std::uint64_t, 3> done_{};
  bool counts_ = false;
  TimestampTz last_said_ = 0;
  TimestampTz last_told_;
};

// Counts a row for the publish or rebuild that runs in this backend, if one does.
void count_progress(Step step);

}  // namespace leadscore::pg

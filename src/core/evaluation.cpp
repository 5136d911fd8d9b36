#include "core/evaluation.hpp"

#include "core/error.hpp"
#include "core/lead_part.hpp"

namespace leadscore {

namespace {

// What parts of a state are worth at an instant.
struct ValueAt {
  const Program &program;
  const State &state;
  Instant t;
  Ages &ages;  // of t

  [[nodiscard]] double folded(const Decay &decay, const Sum &sum) const noexcept { return ages.folded_value(decay, sum); }
  [[nodiscard]] bool counts(const CountedEntry &entry) const noexcept { return counts_at(entry.at, entry.until, t); }
  [[nodiscard]] double number_of(const CountedEntry &entry) const noexcept { return counts(entry) ? entry.points : 0; }
  [[nodiscard]] double award(const Decay &decay, const CountedEntry &entry) const noexcept {
    return counts(entry) ? faded(entry.points * decay.factor(entry.at, t)) : 0;
  }
  [[nodiscard]] double silence(SlotIndex index) const noexcept {
    const Slot &slot = program.slots[index];
    const std::optional<Instant> since = silent_since(program, state, index, t);
    return since ? times(slot.points, whole_silences(*slot.silence, *since, t)) : 0;
  }
};

}  // namespace

void Evaluation::start(const Program &program, const State &state, Part part) {
  require_fit(program, state);
  program_ = &program;
  state_ = &state;
  part_ = part;
  if (part == Part::events) {
    lead_ = nothing_of_lead(program);
  } else {
    fill_lead_part(program, state, lead_);
  }
  if (!state.adjustments.empty()) own_ = lead_.own;
  if (part != Part::lead) count_entries(program, state, counted_);
}

void Evaluation::evaluate(Instant t, Valuation &value) {
  if (t < state_->horizon) {
    throw InvalidArgument("the state cannot be evaluated at an instant before its horizon: what had faded by then is gone from it");
  }
  if (part_ == Part::lead) {
    value.slots.assign(program_->slots.size(), 0);
  } else {
    Ages ages(t);
    value_slots(*program_, *state_, counted_, ValueAt{*program_, *state_, t, ages}, value.slots);
  }
  const bool is_adjusted = part_ == Part::all && !state_->adjustments.empty();
  if (is_adjusted) {
    lead_.own = own_;
    add_adjustments(*program_, *state_, t, lead_);
  }
  roll_up(*program_, lead_, value.slots, value.dimensions);
  if (!is_adjusted) return;
  if (const Adjustment *set = override_at(*state_, AdjustmentKind::score, t)) value.dimensions[root_dimension] = set->points;
}

}  // namespace leadscore

#include "core/reading.hpp"

#include "core/next_change.hpp"
#include "core/tiers.hpp"
#include "core/timeline.hpp"

namespace leadscore {

void Reading::start(const Program &program, const State &state, Instant t) {
  program_ = &program;
  state_ = &state;
  t_ = t;
  has_value_ = false;
  tier_.reset();
  since_.reset();
  next_change_.reset();
}

const Valuation &Reading::value() {
  if (!has_value_) {
    evaluation_.start(*program_, *state_);
    evaluation_.evaluate(t_, value_);
    has_value_ = true;
  }
  return value_;
}

const std::vector<double> &Reading::dimensions() { return value().dimensions; }

TierIndex Reading::tier() {
  if (!tier_) {
    // Nothing has changed before the state is due.
    tier_ = state_->due_at > t_ ? standing_with(*program_, *state_, state_->latched, t_, value()).tier
                                : tier_at(*program_, *state_, t_);
  }
  return *tier_;
}

Instant Reading::tier_since() {
  if (!since_) {
    since_ = state_->due_at > t_ ? state_->tier_since : leadscore::tier_since(*program_, *state_, t_);
  }
  return *since_;
}

Instant Reading::next_change() {
  if (!next_change_) next_change_ = find_next_change();
  return *next_change_;
}

// The record of a stored state says when it is due. If it says so too early, only a search can tell.
Instant Reading::find_next_change() {
  const bool has_record = state_->tier_since != distant_past;
  if (has_record && state_->due_at > t_ && !state_->due_early) return state_->due_at;
  return leadscore::next_change(*program_, *state_, t_).at;
}

}  // namespace leadscore

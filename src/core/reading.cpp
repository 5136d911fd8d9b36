#include "core/reading.hpp"

#include "core/evaluate.hpp"
#include "core/tiers.hpp"

namespace leadscore {

const std::vector<double> &Reading::dimensions() {
  if (!dimensions_) dimensions_ = evaluate(program_, state_, t_);
  return *dimensions_;
}

TierIndex Reading::tier() {
  // Nothing has changed before the state is due: then the moment costs no more than the tier.
  if (!tier_ && state_.due_at > t_) (void)tier_since();
  if (!tier_) tier_ = tier_at(program_, state_, t_);
  return *tier_;
}

Instant Reading::tier_since() {
  if (!since_) {
    const Moment moment = moment_at(program_, state_, t_);
    since_ = moment.since;
    tier_ = moment.tier;
  }
  return *since_;
}

Instant Reading::next_change() {
  if (!next_change_) next_change_ = find_next_change();
  return *next_change_;
}

// The record of a stored state says when it is due. It may say so too early: then only a search can tell.
Instant Reading::find_next_change() {
  const TierIndex before = tier();
  const bool has_record = state_.tier_since != distant_past;
  if (has_record && state_.due_at == distant_future) return distant_future;
  if (has_record && state_.due_at > t_ && standing_at(program_, state_, state_.latched, state_.due_at).tier != before) {
    return state_.due_at;
  }
  return leadscore::next_change(program_, state_, t_).at;
}

}  // namespace leadscore

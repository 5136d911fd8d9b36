#include "core/state.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "core/counted.hpp"
#include "core/error.hpp"
#include "core/evaluate.hpp"
#include "core/folded.hpp"

namespace leadscore {

namespace {

bool is_tier(const Program &program, TierIndex tier) noexcept {
  return tier >= no_tier && tier < static_cast<TierIndex>(program.tiers.size());
}

bool is_before(const Award &a, const Award &b) noexcept { return std::tie(a.slot, a.at) < std::tie(b.slot, b.at); }

// Adds up the entries of one slot and instant, but for a limited slot, where each takes a place; and leaves out what has become 0.
void join_awards(const Program &program, std::vector<Award> &awards) {
  auto last = awards.begin();
  for (auto next = awards.begin(); next != awards.end();) {
    Award joined = *next;
    const bool is_limited = program.slots[joined.slot].limit.has_value();
    for (++next; !is_limited && next != awards.end() && !is_before(joined, *next); ++next) {
      joined.points = held(joined.points + next->points);
    }
    if (joined.points != 0) *last++ = joined;
  }
  awards.erase(last, awards.end());
}

// Puts the awards that can be folded at the horizon among the sums, and drops those that are over.
void fold_awards(const Program &program, State &state) {
  std::erase_if(state.awards, [&](const Award &award) {
    const Slot &slot = program.slots[award.slot];
    if (slot.keeps_entries()) return false;
    if (slot.decay.is_over(award.at, state.horizon)) return true;
    if (!is_foldable(slot.decay, award.at, state.horizon)) return false;
    state.sums.push_back(folded(slot.decay, award));
    return true;
  });
}

// True if an entry of a slot that keeps its entries means nothing any more, neither from the horizon on nor together with entries
// that may yet be added, whatever they are. `place` is its place among the entries of its slot, `next` the one after it.
bool is_spent(const Program &program, const State &state, const Award &entry, std::size_t place, const Award *next) {
  const Slot &slot = program.slots[entry.slot];
  const Instant horizon = state.horizon;
  if (slot.limit) {
    // In any window an entry takes a place, even when nothing is left of its points. Of all time only the first count.
    return entry.at == distant_future || (slot.limit->per == Duration::zero() && place >= slot.limit->max_awards);
  }
  const bool is_reset =
      slot.can_be_reset && slot.kind != SlotKind::silence && reset_after(program, state, slot.dimension, entry.at) <= horizon;
  const bool is_overtaken = next != nullptr && next->at <= horizon;
  switch (slot.kind) {
    case SlotKind::awards:
      return is_reset || slot.decay.is_over(entry.at, horizon);
    case SlotKind::frequency:
      return is_reset || entry.at == distant_future ||
             (slot.frequency->within != Duration::zero() &&
              (entry.at == distant_past || later(entry.at, slot.frequency->within) <= horizon));
    case SlotKind::grant:
      return is_reset || is_overtaken || slot.decay.is_over(entry.at, horizon);
    case SlotKind::silence:
    case SlotKind::reset:
      return is_overtaken;
  }
  return false;
}

// Drops what means nothing any more of the slots that keep their entries. What is judged first are the entries as they are: none of
// them is needed to see that another is spent but a reset, and the latest reset stays.
void drop_spent(const Program &program, State &state) {
  if (state.awards.empty()) return;
  std::vector<bool> spent(state.awards.size());
  std::size_t place = 0;
  for (std::size_t i = 0; i < state.awards.size(); ++i) {
    const Award &entry = state.awards[i];
    place = i > 0 && state.awards[i - 1].slot == entry.slot ? place + 1 : 0;
    if (!program.slots[entry.slot].keeps_entries()) continue;
    const bool has_next = i + 1 < state.awards.size() && state.awards[i + 1].slot == entry.slot;
    spent[i] = is_spent(program, state, entry, place, has_next ? &state.awards[i + 1] : nullptr);
  }
  std::size_t i = 0;
  std::erase_if(state.awards, [&](const Award &) { return spent[i++]; });
}

// Events that are counted for ever, and cannot be reset, need no instants of their own once they are past; and what only marks an
// instant marks it once.
void simplify_marks(const Program &program, State &state) {
  for (std::size_t i = 0; i < state.awards.size(); ++i) {
    Award &entry = state.awards[i];
    const Slot &slot = program.slots[entry.slot];
    if (slot.kind == SlotKind::silence || slot.kind == SlotKind::reset || slot.kind == SlotKind::grant) entry.points = 1;
    const bool is_counted_for_ever =
        slot.kind == SlotKind::frequency && slot.frequency->within == Duration::zero() && !slot.can_be_reset;
    if (!is_counted_for_ever || i + 1 == state.awards.size()) continue;
    Award &next = state.awards[i + 1];
    if (next.slot != entry.slot || next.at > state.horizon) continue;
    next.points = held(next.points + entry.points);
    entry.points = 0;
  }
  std::erase_if(state.awards, [](const Award &entry) { return entry.points == 0; });
}

void fold_adjustments(State &state) {
  if (state.adjustments.empty()) return;
  const auto key = [](const Adjustment &a) { return std::tuple(a.at, a.id); };
  std::ranges::stable_sort(state.adjustments, {}, key);
  std::erase_if(state.adjustments, [&](const Adjustment &a) {
    if ((a.until <= state.horizon && a.until != distant_future) || a.until <= a.at) return true;
    return a.kind == AdjustmentKind::points && (a.points == 0 || a.decay.is_over(a.at, state.horizon));
  });
}

// Few sums are put in their places one by one: a stable sort would need memory of its own.
void sort_sums(std::vector<Sum> &sums) {
  const auto by_slot = [](const Sum &a, const Sum &b) { return a.slot < b.slot; };
  constexpr std::ptrdiff_t few = 8;
  const auto unsorted = std::is_sorted_until(sums.begin(), sums.end(), by_slot);
  if (sums.end() - unsorted > few) return std::stable_sort(sums.begin(), sums.end(), by_slot);
  for (auto next = unsorted; next != sums.end(); ++next) {
    std::rotate(std::upper_bound(sums.begin(), next, *next, by_slot), next, next + 1);
  }
}

// Sorts the sums, adds those of one slot together, and leaves out what is worth nothing any more.
void join_sums(const Program &program, State &state) {
  std::vector<Sum> &sums = state.sums;
  sort_sums(sums);
  Ages ages(state.horizon);
  auto last = sums.begin();
  for (auto next = sums.begin(); next != sums.end();) {
    const Decay &decay = program.slots[next->slot].decay;
    Sum joined = *next;
    for (++next; next != sums.end() && next->slot == joined.slot; ++next) add_folded(decay, joined, *next);
    if (joined.mantissa != 0 && ages.folded_value(decay, joined) != 0) *last++ = joined;
  }
  sums.erase(last, sums.end());
}

void merge_answers(State &state, const State &other) {
  state.created_at = std::max(state.created_at, other.created_at);
  if (!other.has_lead) return;
  if (!state.has_lead) {
    state.has_lead = true;
    state.answers = other.answers;
    return;
  }
  state.answers.merge(other.answers);
}

void forget_record(State &state) {
  state.write = WriteKind::nothing;
  state.cause = Cause::time;
  state.tier = no_tier;
  state.tier_since = distant_past;
  state.latched = no_tier;
  state.due_at = distant_future;
  state.due_early = false;
  state.ceiling = not_ranked;
  state.changes.clear();
}

void require_slots(const Program &program, const State &state) {
  const auto exists = [&](SlotIndex slot) { return slot < program.slots.size(); };
  for (const Award &award : state.awards) {
    if (!exists(award.slot)) throw InvalidState("the state holds an award of a rule that its version does not have");
  }
  for (const Sum &sum : state.sums) {
    if (!exists(sum.slot)) throw InvalidState("the state holds a sum of a rule that its version does not have");
    const DecayKind kind = program.slots[sum.slot].decay.kind;
    if (program.slots[sum.slot].keeps_entries() || !can_fold(kind) || (kind == DecayKind::none && sum.exponent != 0)) {
      throw InvalidState("the state holds a sum that does not fit the decay of its rule");
    }
  }
}

void require_usable(const Program &program, const Adjustment &adjustment) {
  const bool is_possible = adjustment.decay.is_usable() && std::fabs(adjustment.points) <= largest_value;
  if (adjustment.dimension >= program.dimensions.size() || !is_possible) {
    throw InvalidState("the state holds an adjustment that its version cannot make");
  }
}

}  // namespace

State empty_state(const Program &program) {
  State state;
  state.model = program.model;
  state.version = program.version;
  return state;
}

bool is_empty(const State &state) noexcept {
  return !state.has_lead && state.sums.empty() && state.awards.empty() && state.adjustments.empty() &&
         state.last_event_at == distant_past;
}

void require_fit(const Program &program, const State &state) {
  if (state.model != program.model || state.version != program.version) {
    throw InvalidState("the state is of version " + std::to_string(state.version) + " of model " + std::to_string(state.model) +
                       ", not of version " + std::to_string(program.version) + " of model " + std::to_string(program.model));
  }
  if (state.answers.size() != (state.has_lead ? program.answer_count : 0)) {
    throw InvalidState("the state holds " + std::to_string(state.answers.size()) +
                       " answers about its lead, its version asks for " +
                       std::to_string(state.has_lead ? program.answer_count : 0));
  }
  require_slots(program, state);
  bool knows_tiers = is_tier(program, state.tier) && is_tier(program, state.latched);
  for (const Adjustment &adjustment : state.adjustments) {
    require_usable(program, adjustment);
    knows_tiers = knows_tiers && is_tier(program, adjustment.tier);
  }
  for (const TierChange &change : state.changes) {
    knows_tiers = knows_tiers && is_tier(program, change.to);
    knows_tiers = knows_tiers && (change.from_version != state.version || is_tier(program, change.from));
  }
  if (!knows_tiers) throw InvalidState("the state names a tier that its version does not have");
}

void note_event(State &state, Instant at) noexcept {
  if (at != distant_future) state.last_event_at = std::max(state.last_event_at, at);
}

void add_award(State &state, SlotIndex slot, Instant at, double points) {
  if (points == 0 || !std::isfinite(points)) return;
  state.awards.push_back({.slot = slot, .at = at, .points = held(points)});
}

void sort_awards(State &state) {
  const auto is_earlier = [](const Award &a, const Award &b) {
    return std::tie(a.slot, a.at, b.points) < std::tie(b.slot, b.at, a.points);
  };
  if (!std::is_sorted(state.awards.begin(), state.awards.end(), is_earlier)) {
    std::sort(state.awards.begin(), state.awards.end(), is_earlier);
  }
}

void fold(const Program &program, State &state, Instant horizon) {
  require_fit(program, state);
  state.horizon = std::max(state.horizon, horizon);
  sort_awards(state);
  join_awards(program, state.awards);
  drop_spent(program, state);
  simplify_marks(program, state);
  fold_adjustments(state);
  fold_awards(program, state);
  join_sums(program, state);
}

void merge(const Program &program, State &state, const State &other) {
  if (state.model != other.model || state.version != other.version) {
    throw InvalidArgument("cannot add states of different versions: version " + std::to_string(state.version) + " of model " +
                          std::to_string(state.model) + " and version " + std::to_string(other.version) + " of model " +
                          std::to_string(other.model));
  }
  if (&state == &other) return merge(program, state, State(other));
  require_fit(program, state);
  require_fit(program, other);
  forget_record(state);
  merge_answers(state, other);
  note_event(state, other.last_event_at);
  state.awards.insert(state.awards.end(), other.awards.begin(), other.awards.end());
  state.sums.insert(state.sums.end(), other.sums.begin(), other.sums.end());
  state.adjustments.insert(state.adjustments.end(), other.adjustments.begin(), other.adjustments.end());
  fold(program, state, other.horizon);
}

}  // namespace leadscore

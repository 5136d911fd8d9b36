#include "core/state.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "core/error.hpp"
#include "core/folded.hpp"

namespace leadscore {

namespace {

bool is_tier(const Program &program, TierIndex tier) noexcept {
  return tier >= no_tier && tier < static_cast<TierIndex>(program.tiers.size());
}

bool is_before(const Award &a, const Award &b) noexcept { return std::tie(a.slot, a.at) < std::tie(b.slot, b.at); }

// Sorts the awards, adds those of one slot and instant together, and leaves out what has become 0.
void join_awards(std::vector<Award> &awards) {
  if (!std::is_sorted(awards.begin(), awards.end(), is_before)) std::sort(awards.begin(), awards.end(), is_before);
  auto last = awards.begin();
  for (auto next = awards.begin(); next != awards.end();) {
    Award joined = *next;
    for (++next; next != awards.end() && !is_before(joined, *next); ++next) joined.points = held(joined.points + next->points);
    if (joined.points != 0) *last++ = joined;
  }
  awards.erase(last, awards.end());
}

// Takes the awards that can be folded at the horizon out of the state, and drops those that are over.
std::vector<Sum> take_foldable(const Program &program, State &state) {
  std::vector<Sum> taken;
  std::erase_if(state.awards, [&](const Award &award) {
    const Decay &decay = program.slots[award.slot].decay;
    if (decay.is_over(award.at, state.horizon)) return true;
    if (!is_foldable(decay, award.at, state.horizon)) return false;
    taken.push_back(folded(decay, award));
    return true;
  });
  return taken;
}

// Sorts the sums, adds those of one slot together, and leaves out what is worth nothing any more.
void join_sums(const Program &program, State &state) {
  std::vector<Sum> &sums = state.sums;
  const auto by_slot = [](const Sum &a, const Sum &b) { return a.slot < b.slot; };
  if (!std::is_sorted(sums.begin(), sums.end(), by_slot)) std::stable_sort(sums.begin(), sums.end(), by_slot);
  auto last = sums.begin();
  for (auto next = sums.begin(); next != sums.end();) {
    const Decay &decay = program.slots[next->slot].decay;
    Sum joined = *next;
    for (++next; next != sums.end() && next->slot == joined.slot; ++next) add_folded(decay, joined, *next);
    if (joined.mantissa != 0 && folded_value(decay, joined, state.horizon) != 0) *last++ = joined;
  }
  sums.erase(last, sums.end());
}

void merge_answers(State &state, const State &other) {
  if (!other.has_lead) return;
  if (!state.has_lead) {
    state.has_lead = true;
    state.answers = other.answers;
    return;
  }
  for (std::size_t i = 0; i < state.answers.size(); ++i) state.answers[i] = std::max(state.answers[i], other.answers[i]);
}

void forget_record(State &state) {
  state.write = WriteKind::nothing;
  state.cause = Cause::time;
  state.tier = no_tier;
  state.tier_since = distant_past;
  state.due_at = distant_future;
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
    if (!can_fold(kind) || (kind == DecayKind::none && sum.exponent != 0)) {
      throw InvalidState("the state holds a sum that does not fit the decay of its rule");
    }
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
  return !state.has_lead && state.sums.empty() && state.awards.empty() && state.last_event_at == distant_past;
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
  bool knows_tiers = is_tier(program, state.tier);
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

void fold(const Program &program, State &state, Instant horizon) {
  require_fit(program, state);
  state.horizon = std::max(state.horizon, horizon);
  join_awards(state.awards);
  const std::vector<Sum> taken = take_foldable(program, state);
  state.sums.insert(state.sums.end(), taken.begin(), taken.end());
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
  fold(program, state, other.horizon);
}

}  // namespace leadscore

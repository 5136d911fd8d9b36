#include "core/lead_part.hpp"

namespace leadscore {

namespace {

Answer answer_of(const LeadRule &rule, const State &state) noexcept {
  if (!state.has_lead) return Answer::unknown;
  return rule.answer ? state.answers[*rule.answer] : Answer::is_true;
}

// The latest of these entries at or before `t`, if it is later than `latest`.
void take_latest(std::span<const Award> entries, Instant t, std::optional<Instant> &latest) noexcept {
  const auto after = std::ranges::upper_bound(entries, t, {}, &Award::at);
  if (after != entries.begin()) latest = std::max(latest, std::optional(std::prev(after)->at));
}

}  // namespace

LeadPart<double> lead_part(const Program &program, const State &state) {
  LeadPart<double> lead = nothing_of_lead(program);
  for (std::size_t i = 0; i < lead.own.size(); ++i) lead.own[i] = held(program.dimensions[i].base);
  for (std::size_t i = 0; i < lead.rules.size(); ++i) {
    const LeadRule &rule = program.lead_rules[i];
    const Answer answer = answer_of(rule, state);
    if (answer == Answer::unknown) continue;
    lead.rules[i] = answer == Answer::is_true ? rule.points : rule.else_points;
    lead.applies[i] = answer == Answer::is_true || rule.else_points != 0;
  }
  return lead;
}

LeadPart<double> lead_part_at(const Program &program, const State &state, Instant t) {
  LeadPart<double> lead = lead_part(program, state);
  for (const Adjustment &adjustment : state.adjustments) {
    if (adjustment.kind != AdjustmentKind::points) continue;
    double &own = lead.own[adjustment.dimension];
    own = plus(own, adjusted_points(program, state, adjustment, t));
  }
  return lead;
}

double adjusted_points(const Program &program, const State &state, const Adjustment &adjustment, Instant t) noexcept {
  if (!counts_at(adjustment.at, counts_until(program, state, adjustment), t)) return 0;
  return faded(adjustment.points * adjustment.decay.factor(adjustment.at, t));
}

LeadPart<double> nothing_of_lead(const Program &program) {
  return {.rules = std::vector<double>(program.lead_rules.size()),
          .applies = std::vector<bool>(program.lead_rules.size()),
          .own = std::vector<double>(program.dimensions.size())};
}

Instant counts_until(const Program &program, const State &state, const Adjustment &adjustment) noexcept {
  return std::min(adjustment.until, reset_after(program, state, adjustment.dimension, adjustment.at));
}

std::optional<Instant> silent_since(const Program &program, const State &state, SlotIndex slot, Instant t) noexcept {
  std::optional<Instant> latest;
  take_latest(entries_of(state, slot), t, latest);
  for (const SlotIndex reset : program.dimensions[program.slots[slot].dimension].reset_by) {
    take_latest(entries_of(state, reset), t, latest);
  }
  if (latest) return latest;
  if (state.created_at == distant_past || state.created_at > t) return std::nullopt;
  return state.created_at;
}

double whole_silences(const Silence &silence, Instant since, Instant t) noexcept {
  // Two instants may lie further apart than a Duration can tell, but not further than 64 bits.
  const std::uint64_t length =
      static_cast<std::uint64_t>(t.time_since_epoch().count()) - static_cast<std::uint64_t>(since.time_since_epoch().count());
  const std::uint64_t whole = length / static_cast<std::uint64_t>(silence.silent_for.count());
  return silence.repeats ? static_cast<double>(whole) : std::min(1.0, static_cast<double>(whole));
}

}  // namespace leadscore

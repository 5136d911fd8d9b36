#include "core/lead_part.hpp"

namespace leadscore {

namespace {

Answer answer_of(const LeadRule &rule, const State &state) noexcept {
  if (!state.has_lead) return Answer::unknown;
  return rule.answer ? state.answers[*rule.answer] : Answer::is_true;
}

// All points are held, so that no sum becomes infinite.
double sum_of_lead_rules(const Program &program, const Dimension &dimension, const Answers &answers) noexcept {
  double sum = 0;
  for (const ConditionalRules &rules : dimension.conditional_rules) {
    const Word met = answers.is_true()[rules.word];
    const Word failed = ~(met | answers.is_unknown()[rules.word]);
    for_each_bit(met & rules.all, rules.word, [&](std::size_t answer) { sum += program.points_if_true[answer]; });
    for_each_bit(failed & rules.with_else_points, rules.word, [&](std::size_t answer) { sum += program.points_if_false[answer]; });
  }
  return held(dimension.sure_points + sum);
}

// The latest of these entries at or before `t`, if it is later than `latest`.
void take_latest(std::span<const Award> entries, Instant t, std::optional<Instant> &latest) noexcept {
  const auto after = std::ranges::upper_bound(entries, t, {}, &Award::at);
  if (after != entries.begin()) latest = std::max(latest, std::optional(std::prev(after)->at));
}

}  // namespace

void fill_lead_part(const Program &program, const State &state, LeadPart<double> &lead) {
  lead.own.resize(program.dimensions.size());
  lead.sums.resize(program.dimensions.size());
  for (std::size_t i = 0; i < program.dimensions.size(); ++i) {
    lead.own[i] = held(program.dimensions[i].base);
    lead.sums[i] = state.has_lead ? sum_of_lead_rules(program, program.dimensions[i], state.answers) : 0;
  }
  if (program.picks_lead_rules) fill_rules(program, state, lead);
}

LeadPart<double> lead_part(const Program &program, const State &state) {
  LeadPart<double> lead;
  fill_lead_part(program, state, lead);
  return lead;
}

void fill_rules(const Program &program, const State &state, LeadPart<double> &lead) {
  lead.rules.assign(program.lead_rules.size(), 0);
  lead.applies.assign(program.lead_rules.size(), false);
  for (std::size_t i = 0; i < lead.rules.size(); ++i) {
    const LeadRule &rule = program.lead_rules[i];
    const Answer answer = answer_of(rule, state);
    if (answer == Answer::unknown) continue;
    lead.rules[i] = answer == Answer::is_true ? rule.points : rule.else_points;
    lead.applies[i] = answer == Answer::is_true || rule.else_points != 0;
  }
}

void add_adjustments(const Program &program, const State &state, Instant t, LeadPart<double> &lead) {
  for (const Adjustment &adjustment : state.adjustments) {
    if (adjustment.kind != AdjustmentKind::points) continue;
    double &own = lead.own[adjustment.dimension];
    own = plus(own, adjusted_points(program, state, adjustment, t));
  }
}

double adjusted_points(const Program &program, const State &state, const Adjustment &adjustment, Instant t) noexcept {
  if (!counts_at(adjustment.at, counts_until(program, state, adjustment), t)) return 0;
  return faded(adjustment.points * adjustment.decay.factor(adjustment.at, t));
}

LeadPart<double> nothing_of_lead(const Program &program) {
  return {.own = std::vector<double>(program.dimensions.size()),
          .sums = std::vector<double>(program.dimensions.size()),
          .rules = std::vector<double>(program.lead_rules.size()),
          .applies = std::vector<bool>(program.lead_rules.size())};
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

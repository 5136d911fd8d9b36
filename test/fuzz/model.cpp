// A model of any names and numbers, and a history under it: the model is refused, or its leads can be scored and explained.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/explain.hpp"
#include "invariants.hpp"

namespace {

using namespace leadscore;

constexpr std::array paths{"score", "a", "b", "a.a", "a.b", "a.a.a", "b.a", "", ".", "a.", "a..b", "c.d", "score.a"};
constexpr std::array tiers{"cold", "warm", "hot", ""};

class Source {
 public:
  Source(const std::uint8_t *data, std::size_t size) : data_(data, size), is_of_database_(data_.ConsumeBool()) {}

  // Whether numbers are those that the configuration's tables take; else they are any.
  [[nodiscard]] bool is_of_database() const { return is_of_database_; }

  bool chance() { return data_.ConsumeBool(); }
  std::size_t below(std::size_t limit) { return data_.ConsumeIntegralInRange<std::size_t>(0, limit - 1); }
  // Mostly small numbers, sometimes any.
  double number() {
    if (data_.ConsumeIntegralInRange(0, 7) > 0) return data_.ConsumeIntegralInRange(-100, 100) / 4.0;
    if (is_of_database_) return data_.ConsumeFloatingPointInRange<double>(-1e12, 1e12);
    return data_.ConsumeFloatingPoint<double>();
  }
  std::int64_t integer() {
    if (data_.ConsumeIntegralInRange(0, 7) > 0) return data_.ConsumeIntegralInRange<std::int64_t>(-20, 100);
    return data_.ConsumeIntegral<std::int64_t>();
  }
  Duration duration() {
    constexpr std::array units{1LL, 1'000'000LL, 86'400'000'000LL};
    if (data_.ConsumeIntegralInRange(0, 7) == 0) return Duration(data_.ConsumeIntegral<std::int64_t>());
    return Duration(data_.ConsumeIntegralInRange<std::int64_t>(-1, 60) * units[below(units.size())]);
  }
  Instant instant() { return Instant(duration()); }
  std::optional<double> maybe_number() { return chance() ? std::optional(number()) : std::nullopt; }
  std::string path() { return paths[below(paths.size())]; }
  std::string tier() { return tiers[below(tiers.size())]; }
  Decay decay() { return {.kind = static_cast<DecayKind>(below(5)), .period = duration(), .rate = number(), .grace = duration()}; }

 private:
  FuzzedDataProvider data_;
  bool is_of_database_;
};

EventRuleDefinition event_rule(Source &source, std::size_t index) {
  EventRuleDefinition rule;
  rule.name = "event " + std::to_string(index);
  rule.dimension = source.path();
  rule.position = source.number();
  rule.event = "*";
  rule.has_multiplier = source.chance();
  rule.points = source.number();
  rule.decay = source.decay();
  switch (source.below(6)) {
    case 0:
      rule.limit = Limit{.max_awards = static_cast<std::uint32_t>(source.integer()), .per = source.duration()};
      break;
    case 1:
      rule.frequency = Frequency{.at_least = source.integer(), .at_most = source.integer(), .within = source.duration()};
      break;
    case 2:
      rule.silence = Silence{.silent_for = source.duration(), .repeats = source.chance()};
      break;
    case 3:
      rule.resets = source.path();
      break;
    case 4:
      rule.grants = source.tier();
      break;
    default:
      break;
  }
  rule.min_points = source.maybe_number();
  rule.max_points = source.maybe_number();
  return rule;
}

ModelDefinition model(Source &source) {
  ModelDefinition model;
  model.model = 1;
  model.version = 1;
  for (std::size_t i = source.below(6); i > 0; --i) {
    model.dimensions.push_back({.path = source.path(),
                                .combine = static_cast<Combine>(source.below(4)),
                                .position = source.number(),
                                .weight = source.number(),
                                .base = source.number(),
                                .min_value = source.maybe_number(),
                                .max_value = source.maybe_number()});
  }
  for (std::size_t i = source.below(4); i > 0; --i) {
    model.lead_rules.push_back({.name = "lead " + std::to_string(i),
                                .dimension = source.path(),
                                .position = source.number(),
                                .has_condition = source.chance(),
                                .points = source.number(),
                                .else_points = source.number()});
  }
  for (std::size_t i = source.below(6); i > 0; --i) model.event_rules.push_back(event_rule(source, i));
  for (std::size_t i = source.below(3); i > 0; --i) {
    model.grades.push_back({.dimension = source.path(), .name = std::to_string(i), .minimum = source.number()});
  }
  for (std::size_t i = source.below(4); i > 0; --i) {
    TierDefinition tier{.name = source.tier(), .position = source.number()};
    if (source.chance()) tier.minimums.push_back({.dimension = source.path(), .minimum = source.number()});
    tier.has_applies_to = source.chance();
    tier.latched = source.chance();
    model.tiers.push_back(tier);
  }
  return model;
}

struct History {
  std::vector<Answer> answers;
  Instant created_at = distant_past;
  std::vector<RuleAward> awards;
};

History history(Source &source, const Program &program) {
  History made;
  if (source.chance()) {
    for (std::size_t i = 0; i < program.answer_count; ++i) made.answers.push_back(static_cast<Answer>(source.below(3)));
    if (source.chance()) made.created_at = source.instant();
  }
  for (std::size_t i = source.below(12); i > 0 && !program.event_rules.empty(); --i) {
    const auto rule = static_cast<std::uint32_t>(source.below(program.event_rules.size()));
    made.awards.push_back({.rule = rule, .at = source.instant(), .points = source.number()});
  }
  return made;
}

State state_of(const Program &program, const History &history, Instant horizon) {
  State state = empty_state(program);
  state.has_lead = !history.answers.empty();
  state.answers = Answers(history.answers);
  state.created_at = history.created_at;
  for (const RuleAward &award : history.awards) {
    note_event(state, award.at);
    enter(program, program.event_rules[award.rule], award.at, award.points,
          [&state](SlotIndex slot, Instant at, double points) { add_award(state, slot, at, points); });
  }
  fold(program, state, horizon);
  return state;
}

// The root of the explanation is the score, and the rows directly below the root add up to it.
void check_explanation(const Program &program, const History &history, const State &state, Instant t) {
  const std::vector<Contribution> rows =
      explain(program, {.answers = Answers(history.answers), .created_at = history.created_at, .awards = history.awards}, t);
  const double score = evaluate(program, state, t)[root_dimension];
  double scale = 1;
  double sum = 0;
  for (const Contribution &row : rows) {
    fuzz::require(std::isfinite(row.points), "a contribution is finite");
    scale = std::fmax(scale, std::fabs(row.points));
    const bool is_below_root = row.rule ? row.path == root_path : row.path != root_path && row.path.find('.') == std::string::npos;
    if (is_below_root) sum += row.points;
  }
  fuzz::require(!rows.empty() && fuzz::is_near(rows.front().points, score, scale), "the explanation's root is the score");
  fuzz::require(fuzz::is_near(sum, score, scale), "the explanation adds up to the score");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  Source source(data, size);
  try {
    const Program program = compile(model(source));
    const Instant horizon = source.instant();
    const History known = history(source, program);
    const State state = state_of(program, known, horizon);
    require_fit(program, state);
    fuzz::check_state(program, state);
    // Numbers that are held at a limit do not add up; those of the tables stay far from it.
    if (source.is_of_database()) check_explanation(program, known, state, fuzz::at_least(source.instant(), horizon));
  } catch (const InvalidModel &) {
    return 0;  // that is how a model is refused
  }
  return 0;
}

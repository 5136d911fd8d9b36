#include "support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include "core/error.hpp"
#include "core/tiers.hpp"

namespace leadscore::test {

DimensionDefinition dimension(std::string path, double weight, double base) {
  DimensionDefinition definition;
  definition.path = std::move(path);
  definition.weight = weight;
  definition.base = base;
  return definition;
}

LeadRuleDefinition lead_rule(std::string name, std::string dimension, double points, double else_points) {
  LeadRuleDefinition definition;
  definition.name = std::move(name);
  definition.dimension = std::move(dimension);
  definition.has_condition = true;
  definition.points = points;
  definition.else_points = else_points;
  return definition;
}

EventRuleDefinition event_rule(std::string name, std::string dimension, double points, const Decay &decay) {
  EventRuleDefinition definition;
  definition.name = std::move(name);
  definition.dimension = std::move(dimension);
  definition.event.assign(1, '*');
  definition.points = points;
  definition.decay = decay;
  return definition;
}

TierDefinition tier(std::string name, double position, std::vector<TierMinimum> minimums) {
  return {.name = std::move(name), .position = position, .minimums = std::move(minimums)};
}

Decay half_life(Duration period, Duration grace) { return {DecayKind::half_life, period, 1, grace}; }
Decay window(Duration period, Duration grace) { return {DecayKind::window, period, 1, grace}; }
Decay linear(Duration period, double rate, Duration grace) { return {DecayKind::linear, period, rate, grace}; }
Decay step(Duration period, double rate, Duration grace) { return {DecayKind::step, period, rate, grace}; }

ModelDefinition engagement_model(std::vector<EventRuleDefinition> rules) {
  ModelDefinition model;
  model.model = 1;
  model.version = 1;
  model.dimensions = {dimension("engagement")};
  model.event_rules = std::move(rules);
  model.tiers = {tier("cold", 1), tier("warm", 2, {{"score", 10}}), tier("hot", 3, {{"score", 20}})};
  return model;
}

std::vector<Answer> eligible_lead(const Program &program, Answer other) {
  std::vector<Answer> answers(program.answer_count, other);
  answers[eligible_answer] = Answer::is_true;
  return answers;
}

State state_of(const Program &program, const History &history, Instant horizon) {
  State state = empty_state(program);
  state.has_lead = !history.answers.empty();
  state.answers = Answers(history.answers);
  state.created_at = history.answers.empty() ? distant_past : history.created_at;
  for (const RuleAward &award : history.awards) {
    note_event(state, award.at);
    enter(program, program.event_rules[award.rule], award.at, award.points,
          [&](SlotIndex slot, Instant at, double points) { add_award(state, slot, at, points); });
  }
  for (const LabelledAdjustment &labelled : history.adjustments) state.adjustments.push_back(labelled.adjustment);
  fold(program, state, horizon);
  return state;
}

std::string label_of(std::string_view path) { return "(adjusted in " + std::string(path) + ")"; }

LabelledAdjustment adjusted(const Program &program, std::string_view path, Instant at, double points, const Decay &decay) {
  Adjustment adjustment{.kind = AdjustmentKind::points, .id = 1, .at = at, .decay = decay};
  adjustment.dimension = program.find_dimension(path).value();
  adjustment.points = points;
  return {.adjustment = adjustment, .label = label_of(path)};
}

LabelledAdjustment score_set(Instant at, Instant until, double score, std::int64_t id) {
  Adjustment adjustment{.kind = AdjustmentKind::score, .id = id, .at = at, .until = until, .decay = {}};
  adjustment.points = score;
  return {.adjustment = adjustment, .label = "(score set)"};
}

LabelledAdjustment tier_set(Instant at, Instant until, TierIndex tier, std::int64_t id) {
  Adjustment adjustment{.kind = AdjustmentKind::tier, .id = id, .at = at, .until = until, .decay = {}};
  adjustment.tier = tier;
  return {.adjustment = adjustment, .label = "(tier set)"};
}

double value_of(const Program &program, const History &history, Instant t, std::string_view path) {
  const DimensionIndex dimension = program.find_dimension(path).value();
  const double value = evaluate(program, state_of(program, history, distant_past), t)[dimension];
  EXPECT_DOUBLE_EQ(evaluate(program, state_of(program, history, t), t)[dimension], value) << path;
  return value;
}

TierIndex Memory::pass(const Program &program, const State &state, Instant t) {
  const TierIndex raw = raw_tier_at(program, state, t);
  if (!state.has_lead || !is_eligible(state)) return no_tier;
  if (override_at(state, AdjustmentKind::tier, t) != nullptr) return raw;
  TierIndex lowest = highest_;
  for (; lowest > no_tier; --lowest) {
    const Tier &tier = program.tiers[static_cast<std::size_t>(lowest)];
    if (tier.latched && (!tier.applies_to || state.answers[*tier.applies_to] == Answer::is_true)) break;
  }
  const TierIndex now = std::max(raw, lowest);
  if (override_at(state, AdjustmentKind::score, t) == nullptr) highest_ = std::max(highest_, now);
  return now;
}

namespace {

std::string numbered(std::string name, std::int64_t number) { return name.append(" ").append(std::to_string(number)); }

Decay random_decay(Random &random, Duration unit) {
  constexpr std::array kinds{DecayKind::none, DecayKind::half_life, DecayKind::linear, DecayKind::step, DecayKind::window};
  Decay decay;
  decay.kind = random.pick(kinds);
  decay.period = Duration(random.integer(1, 30 * unit.count()));
  decay.rate = random.chance(0.2) ? 1 : random.number(0.05, 1);
  if (random.chance(0.3)) decay.grace = Duration(random.integer(0, 10 * unit.count()));
  return decay;
}

// Bounds, each there or not.
std::pair<std::optional<double>, std::optional<double>> random_bounds(Random &random) {
  std::pair<std::optional<double>, std::optional<double>> bounds;
  if (random.chance(0.3)) bounds.first = random.number(-40, 10);
  if (random.chance(0.3)) bounds.second = random.number(10, 60);
  return bounds;
}

DimensionDefinition random_dimension(Random &random, std::string path) {
  DimensionDefinition definition = dimension(std::move(path));
  definition.weight = random.chance(0.5) ? 1 : random.number(-2, 3);
  if (random.chance(0.3)) definition.base = random.number(-10, 10);
  std::tie(definition.min_value, definition.max_value) = random_bounds(random);
  constexpr std::array kinds{Combine::sum, Combine::sum, Combine::max, Combine::first, Combine::share};
  definition.combine = random.pick(kinds);
  definition.position = static_cast<double>(random.integer(0, 2));
  return definition;
}

// What makes an event rule other than a plain one.
void make_special(Random &random, Duration unit, EventRuleDefinition &rule, const std::vector<std::string> &paths) {
  const Duration length(random.integer(1, 40 * unit.count()));
  switch (random.integer(0, 5)) {
    case 0:
      rule.limit =
          Limit{.max_awards = static_cast<std::uint32_t>(random.integer(1, 3)), .per = random.chance(0.4) ? Duration{0} : length};
      break;
    case 1:
      rule.frequency = Frequency{.at_least = random.integer(0, 2), .within = random.chance(0.3) ? Duration{0} : length};
      if (random.chance(0.6)) rule.frequency->at_most = rule.frequency->at_least + random.integer(0, 2);
      break;
    case 2:
      rule.silence = Silence{.silent_for = length, .repeats = random.chance(0.5)};
      break;
    case 3:
      rule.resets = random.pick(paths);
      if (random.chance(0.5)) rule.points = 0;
      break;
    default:
      return;
  }
  if (rule.frequency || rule.silence) rule.decay = {};
  if (rule.frequency || rule.resets) rule.min_points = rule.max_points = std::nullopt;
}

void add_random_rules(Random &random, Duration unit, ModelDefinition &model, const std::vector<std::string> &paths) {
  for (std::int64_t i = random.integer(0, 4); i > 0; --i) {
    model.lead_rules.push_back(lead_rule(numbered("lead", i), random.pick(paths), random.number(-30, 30), random.number(-5, 5)));
    model.lead_rules.back().has_condition = random.chance(0.8);
    model.lead_rules.back().position = static_cast<double>(random.integer(0, 2));
  }
  for (std::int64_t i = random.integer(1, 6); i > 0; --i) {
    const Decay decay =
        !model.event_rules.empty() && random.chance(0.3) ? model.event_rules.back().decay : random_decay(random, unit);
    EventRuleDefinition rule = event_rule(numbered("event", i), random.pick(paths), random.number(-30, 30), decay);
    if (random.chance(0.4)) std::tie(rule.min_points, rule.max_points) = random_bounds(random);
    rule.position = static_cast<double>(random.integer(0, 2));
    make_special(random, unit, rule, paths);
    model.event_rules.push_back(rule);
  }
}

// Tiers that single events grant.
void add_random_grants(Random &random, ModelDefinition &model) {
  for (EventRuleDefinition &rule : model.event_rules) {
    if (model.tiers.empty() || rule.frequency || rule.silence || random.chance(0.85)) continue;
    if (rule.decay.kind == DecayKind::half_life || rule.decay.kind == DecayKind::step) continue;
    rule.grants = random.pick(model.tiers).name;
    if (random.chance(0.5) && !rule.min_points && !rule.max_points && !rule.limit) rule.points = 0;
  }
}

// Not everything can be shared out: what cannot is added up.
void make_shares_possible(ModelDefinition &model) {
  try {
    static_cast<void>(compile(model));
  } catch (const InvalidModel &) {
    for (DimensionDefinition &dimension : model.dimensions) {
      if (dimension.combine == Combine::share) dimension.combine = Combine::sum;
    }
  }
}

}  // namespace

ModelDefinition random_model(Random &random, Duration unit) {
  ModelDefinition model;
  model.model = static_cast<std::int32_t>(random.integer(1, 1000));
  model.version = static_cast<std::int32_t>(random.integer(1, 1000));
  std::vector<std::string> paths{"score"};
  if (random.chance(0.5)) model.dimensions.push_back(random_dimension(random, "score"));
  for (std::int64_t i = random.integer(0, 5); i > 0; --i) {
    const std::string &parent = random.pick(paths);
    std::string path = parent == root_path ? std::string() : parent + ".";
    path.append("d").append(std::to_string(i));
    paths.push_back(std::move(path));
    model.dimensions.push_back(random_dimension(random, paths.back()));
  }
  add_random_rules(random, unit, model, paths);
  make_shares_possible(model);
  const std::int64_t tiers = random.integer(0, 4);
  for (std::int64_t i = 0; i < tiers; ++i) {
    TierDefinition next = tier(numbered("tier", i), static_cast<double>(i));
    for (std::int64_t k = random.integer(0, 2); k > 0; --k) next.minimums.push_back({random.pick(paths), random.number(-40, 60)});
    next.has_applies_to = random.chance(0.2);
    next.latched = random.chance(0.2);
    model.tiers.push_back(next);
  }
  add_random_grants(random, model);
  return model;
}

ModelDefinition lively_model(Random &random, Duration unit) {
  ModelDefinition model = random_model(random, unit);
  for (TierDefinition &tier : model.tiers) {
    for (TierMinimum &minimum : tier.minimums) minimum.minimum = random.number(-10, 20);
  }
  return model;
}

Instant random_instant(Random &random, Instant from, Duration unit) {
  return from + Duration(random.integer(0, 60 * unit.count()));
}

RuleAward random_award(Random &random, const Program &program, Duration unit) {
  RuleAward award;
  award.rule = static_cast<std::uint32_t>(random.integer(0, static_cast<std::int64_t>(program.event_rules.size()) - 1));
  award.at = Instant(Duration(random.integer(-20 * unit.count(), 60 * unit.count())));
  award.points = random.chance(0.5) ? program.event_rules[award.rule].points : random.number(-30, 30);
  return award;
}

LabelledAdjustment random_adjustment(Random &random, const Program &program, Duration unit) {
  const Instant at(Duration(random.integer(-20 * unit.count(), 60 * unit.count())));
  const Instant until = random.chance(0.5) ? distant_future : at + Duration(random.integer(0, 30 * unit.count()));
  const std::int64_t id = random.integer(1, std::int64_t{1} << 40);
  if (random.chance(0.2)) return score_set(at, until, random.number(-40, 60), id);
  if (random.chance(0.2) && !program.tiers.empty()) {
    return tier_set(at, until, static_cast<TierIndex>(random.integer(0, static_cast<std::int64_t>(program.tiers.size()) - 1)), id);
  }
  const std::string &path = random.pick(program.dimensions).path;
  LabelledAdjustment labelled = adjusted(program, path, at, random.number(-30, 30), random_decay(random, unit));
  labelled.adjustment.id = id;
  labelled.adjustment.until = until;
  return labelled;
}

std::vector<Answer> random_answers(Random &random, const Program &program) {
  constexpr std::array all{Answer::unknown, Answer::is_false, Answer::is_true};
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < program.answer_count; ++i) answers.push_back(random.pick(all));
  if (random.chance(0.8)) answers[eligible_answer] = Answer::is_true;
  return answers;
}

History random_history(Random &random, const Program &program, Duration unit, std::int64_t awards) {
  History history;
  if (random.chance(0.9)) history.answers = random_answers(random, program);
  if (random.chance(0.7)) history.created_at = Instant(Duration(random.integer(-20 * unit.count(), 20 * unit.count())));
  for (std::int64_t i = random.integer(0, awards); i > 0; --i) history.awards.push_back(random_award(random, program, unit));
  while (random.chance(0.15)) history.adjustments.push_back(random_adjustment(random, program, unit));
  if (history.awards.size() > 1 && random.chance(0.3)) history.awards.back().at = history.awards.front().at;
  return history;
}

}  // namespace leadscore::test

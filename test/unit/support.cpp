#include "support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

namespace leadscore::test {

DimensionDefinition dimension(std::string path, double weight, double base) {
  DimensionDefinition definition;
  definition.path = std::move(path);
  definition.weight = weight;
  definition.base = base;
  return definition;
}

LeadRuleDefinition lead_rule(std::string name, std::string dimension, double points, double else_points) {
  return {std::move(name), std::move(dimension), true, points, else_points};
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
  return {std::move(name), position, std::move(minimums), false};
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
  state.answers = history.answers;
  for (const RuleAward &award : history.awards) {
    note_event(state, award.at);
    add_award(state, program.event_rules[award.rule].slot, award.at, award.points);
  }
  fold(program, state, horizon);
  return state;
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
  return definition;
}

void add_random_rules(Random &random, Duration unit, ModelDefinition &model, const std::vector<std::string> &paths) {
  for (std::int64_t i = random.integer(0, 4); i > 0; --i) {
    model.lead_rules.push_back(lead_rule(numbered("lead", i), random.pick(paths), random.number(-30, 30), random.number(-5, 5)));
    model.lead_rules.back().has_condition = random.chance(0.8);
  }
  for (std::int64_t i = random.integer(1, 6); i > 0; --i) {
    const Decay decay =
        !model.event_rules.empty() && random.chance(0.3) ? model.event_rules.back().decay : random_decay(random, unit);
    EventRuleDefinition rule = event_rule(numbered("event", i), random.pick(paths), random.number(-30, 30), decay);
    if (random.chance(0.4)) std::tie(rule.min_points, rule.max_points) = random_bounds(random);
    model.event_rules.push_back(rule);
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
  const std::int64_t tiers = random.integer(0, 4);
  for (std::int64_t i = 0; i < tiers; ++i) {
    TierDefinition next = tier(numbered("tier", i), static_cast<double>(i));
    for (std::int64_t k = random.integer(0, 2); k > 0; --k) next.minimums.push_back({random.pick(paths), random.number(-40, 60)});
    next.has_applies_to = random.chance(0.2);
    model.tiers.push_back(next);
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
  for (std::int64_t i = random.integer(0, awards); i > 0; --i) history.awards.push_back(random_award(random, program, unit));
  if (history.awards.size() > 1 && random.chance(0.3)) history.awards.back().at = history.awards.front().at;
  return history;
}

namespace {

long double oracle_factor(const Decay &decay, Instant at, Instant t) {
  if (t < at) return 0;
  const auto age = static_cast<long double>((t - at).count()) - static_cast<long double>(decay.grace.count());
  if (age <= 0) return 1;
  const long double periods = age / static_cast<long double>(decay.period.count());
  switch (decay.kind) {
    case DecayKind::none:
      return 1;
    case DecayKind::half_life:
      return std::pow(2.0L, -periods);
    case DecayKind::linear:
      return std::max(0.0L, 1 - static_cast<long double>(decay.rate) * periods);
    case DecayKind::step:
      return std::pow(1 - static_cast<long double>(decay.rate), std::floor(periods));
    case DecayKind::window:
      return periods < 1 ? 1 : 0;
  }
  return 0;
}

void hold_within(OracleValue &value, const std::optional<double> &low, const std::optional<double> &high) {
  if (low) value.value = std::max(value.value, *low);
  if (high) value.value = std::min(value.value, *high);
  value.magnitude += std::abs(value.value);
}

void add_to(OracleValue &sum, double value, double magnitude) {
  sum.value += value;
  sum.magnitude += magnitude;
}

OracleValue oracle_rule(const EventRuleDefinition &rule, std::size_t index, const History &history, Instant t) {
  OracleValue sum;
  for (const RuleAward &award : history.awards) {
    if (award.rule != index) continue;
    const auto points = static_cast<double>(award.points * oracle_factor(rule.decay, award.at, t));
    add_to(sum, points, std::abs(points));
  }
  hold_within(sum, rule.min_points, rule.max_points);
  return sum;
}

std::string parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return std::string(dot == std::string_view::npos ? root_path : path.substr(0, dot));
}

void add_oracle_lead_rules(OracleValue &sum, const ModelDefinition &model, const History &history, std::string_view path) {
  std::size_t answer = eligible_answer;
  for (const LeadRuleDefinition &rule : model.lead_rules) {
    if (rule.has_condition) ++answer;
    if (rule.dimension != path || history.answers.empty()) continue;
    const Answer given = rule.has_condition ? history.answers[answer] : Answer::is_true;
    if (given == Answer::is_true) add_to(sum, rule.points, std::abs(rule.points));
    if (given == Answer::is_false) add_to(sum, rule.else_points, std::abs(rule.else_points));
  }
}

}  // namespace

OracleValue oracle(const ModelDefinition &model, const History &history, Instant t, std::string_view path, Part part) {
  OracleValue sum;
  if (part != Part::events) add_oracle_lead_rules(sum, model, history, path);
  for (std::size_t i = 0; i < model.event_rules.size() && part != Part::lead; ++i) {
    if (model.event_rules[i].dimension != path) continue;
    const OracleValue rule = oracle_rule(model.event_rules[i], i, history, t);
    add_to(sum, rule.value, rule.magnitude);
  }
  DimensionDefinition own = dimension(std::string(path));
  for (const DimensionDefinition &other : model.dimensions) {
    if (other.path == path) own = other;
    if (other.path == root_path || parent_of(other.path) != path) continue;
    const OracleValue child = oracle(model, history, t, other.path, part);
    add_to(sum, child.value * other.weight, child.magnitude * std::abs(other.weight));
  }
  if (part != Part::events) add_to(sum, own.base, std::abs(own.base));
  hold_within(sum, own.min_value, own.max_value);
  return sum;
}

void expect_as_oracle(const ModelDefinition &model, const Program &program, const History &history, const State &state, Instant t) {
  for (const Part part : {Part::all, Part::lead, Part::events}) {
    const std::vector<double> values = evaluate(program, state, t, part);
    ASSERT_EQ(values.size(), program.dimensions.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string &path = program.dimensions[i].path;
      const OracleValue expected = oracle(model, history, t, path, part);
      EXPECT_NEAR(values[i], expected.value, 1e-12 * expected.magnitude + 1e-300)
          << path << " at " << t.time_since_epoch().count() << ", part " << static_cast<int>(part);
    }
  }
}

}  // namespace leadscore::test

#include "oracle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

namespace leadscore::test {

namespace {

long double factor(const Decay &decay, Instant at, Instant t) {
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

std::string parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return std::string(dot == std::string_view::npos ? root_path : path.substr(0, dot));
}

bool is_child(std::string_view path, std::string_view parent) { return path != root_path && parent_of(path) == parent; }

bool is_below(std::string_view path, std::string_view ancestor) {
  if (ancestor == root_path || path == ancestor) return true;
  return path.size() > ancestor.size() && path.substr(0, ancestor.size()) == ancestor && path[ancestor.size()] == '.';
}

DimensionDefinition definition_of(const ModelDefinition &model, std::string_view path) {
  const auto found = std::ranges::find(model.dimensions, path, &DimensionDefinition::path);
  return found == model.dimensions.end() ? dimension(std::string(path)) : *found;
}

// A rule that only grants or resets is no part of its dimension.
bool is_part(const EventRuleDefinition &rule) {
  return (!rule.resets && !rule.grants) || rule.points != 0 || rule.min_points || rule.max_points;
}

// The instants up to `t` at which an event emptied the dimension.
std::vector<Instant> resets_of(const ModelDefinition &model, const History &history, std::string_view path, Instant t) {
  std::vector<Instant> resets;
  for (const RuleAward &award : history.awards) {
    const std::optional<std::string> &emptied = model.event_rules[award.rule].resets;
    if (emptied && award.at <= t && is_below(path, *emptied)) resets.push_back(award.at);
  }
  return resets;
}

bool is_reset(const std::vector<Instant> &resets, Instant at) {
  return std::ranges::any_of(resets, [&](Instant reset) { return reset > at; });
}

// The events of a rule, in the order in which they ask for a place.
std::vector<RuleAward> events_of(const History &history, std::size_t index) {
  std::vector<RuleAward> events;
  for (const RuleAward &award : history.awards) {
    if (award.rule == index) events.push_back(award);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const RuleAward &a, const RuleAward &b) { return a.at != b.at ? a.at < b.at : a.points > b.points; });
  return events;
}

std::vector<RuleAward> limited(const std::vector<RuleAward> &events, const Limit &limit) {
  std::vector<RuleAward> awarded;
  for (const RuleAward &event : events) {
    const auto takes_place = [&](const RuleAward &other) { return limit.per == Duration{0} || other.at > event.at - limit.per; };
    if (event.points != 0 && std::ranges::count_if(awarded, takes_place) < limit.max_awards) awarded.push_back(event);
  }
  return awarded;
}

double silence_points(const EventRuleDefinition &rule, const History &history, const std::vector<RuleAward> &events,
                      const std::vector<Instant> &resets, Instant t) {
  std::optional<Instant> since;
  for (const RuleAward &event : events) {
    if (event.at <= t) since = std::max(since, std::optional(event.at));
  }
  for (const Instant reset : resets) since = std::max(since, std::optional(reset));
  const bool is_created = !history.answers.empty() && history.created_at != distant_past && history.created_at <= t;
  if (!since && is_created) since = history.created_at;
  if (!since) return 0;
  const auto whole = std::floor(static_cast<double>((t - *since).count()) / static_cast<double>(rule.silence->silent_for.count()));
  return rule.points * (rule.silence->repeats ? whole : std::min(whole, 1.0));
}

double frequency_points(const EventRuleDefinition &rule, const std::vector<RuleAward> &events, const std::vector<Instant> &resets,
                        Instant t) {
  const Frequency &frequency = *rule.frequency;
  const auto number = std::ranges::count_if(events, [&](const RuleAward &event) {
    const bool is_recent = frequency.within == Duration{0} || event.at > t - frequency.within;
    return event.at <= t && is_recent && !is_reset(resets, event.at);
  });
  return number >= frequency.at_least && number <= frequency.at_most ? rule.points : 0;
}

OracleValue points_of(const ModelDefinition &model, std::size_t index, const History &history, Instant t) {
  const EventRuleDefinition &rule = model.event_rules[index];
  const std::vector<Instant> resets = resets_of(model, history, rule.dimension, t);
  std::vector<RuleAward> events = events_of(history, index);
  if (rule.limit) events = limited(events, *rule.limit);
  OracleValue sum;
  if (rule.silence) {
    sum.value = silence_points(rule, history, events, resets, t);
  } else if (rule.frequency) {
    sum.value = frequency_points(rule, events, resets, t);
  } else {
    for (const RuleAward &award : events) {
      if (is_reset(resets, award.at)) continue;
      const auto points = static_cast<double>(award.points * factor(rule.decay, award.at, t));
      add_to(sum, points, std::abs(points));
    }
  }
  sum.magnitude += std::abs(sum.value);
  hold_within(sum, rule.min_points, rule.max_points);
  return sum;
}

OracleValue adjustments_of(const ModelDefinition &model, const History &history, std::string_view path, Instant t) {
  OracleValue sum;
  const std::vector<Instant> resets = resets_of(model, history, path, t);
  for (const auto &[adjustment, label] : history.adjustments) {
    const bool counts = adjustment.kind == AdjustmentKind::points && label == label_of(path) && t < adjustment.until;
    if (!counts || is_reset(resets, adjustment.at)) continue;
    const auto points = static_cast<double>(adjustment.points * factor(adjustment.decay, adjustment.at, t));
    add_to(sum, points, std::abs(points));
  }
  return sum;
}

// The score that a person has set and that is in force.
std::optional<double> set_score(const History &history, Instant t) {
  const Adjustment *latest = nullptr;
  for (const auto &[adjustment, label] : history.adjustments) {
    if (adjustment.kind != AdjustmentKind::score || adjustment.at > t || t >= adjustment.until) continue;
    const bool is_later = latest == nullptr || std::tie(adjustment.at, adjustment.id) > std::tie(latest->at, latest->id);
    if (is_later) latest = &adjustment;
  }
  return latest == nullptr ? std::nullopt : std::optional(latest->points);
}

// The least and the most that something can give.
struct Extent {
  double low = 0;
  double high = 0;
};

Extent scaled(Extent extent, double factor) {
  if (factor == 0) return {};
  return factor > 0 ? Extent{extent.low * factor, extent.high * factor} : Extent{extent.high * factor, extent.low * factor};
}

Extent extent_of(const EventRuleDefinition &rule) {
  double times = std::numeric_limits<double>::infinity();
  if (rule.frequency || (rule.silence && !rule.silence->repeats)) times = 1;
  if (rule.limit && rule.limit->per == Duration{0}) times = rule.limit->max_awards;
  Extent extent{std::min(rule.points, 0.0), std::max(rule.points, 0.0)};
  if (extent.low < 0) extent.low *= times;
  if (extent.high > 0) extent.high *= times;
  if (rule.min_points) extent = {std::max(extent.low, *rule.min_points), std::max(extent.high, *rule.min_points)};
  if (rule.max_points) extent = {std::min(extent.low, *rule.max_points), std::min(extent.high, *rule.max_points)};
  return extent;
}

Extent extent_of(const ModelDefinition &model, std::string_view path);

std::vector<Extent> extents_of_parts(const ModelDefinition &model, std::string_view path) {
  std::vector<Extent> parts;
  for (const LeadRuleDefinition &rule : model.lead_rules) {
    if (rule.dimension != path) continue;
    parts.push_back({std::min({0.0, rule.points, rule.else_points}), std::max({0.0, rule.points, rule.else_points})});
  }
  for (const EventRuleDefinition &rule : model.event_rules) {
    if (rule.dimension == path && is_part(rule)) parts.push_back(extent_of(rule));
  }
  for (const DimensionDefinition &other : model.dimensions) {
    if (is_child(other.path, path)) parts.push_back(scaled(extent_of(model, other.path), other.weight));
  }
  return parts;
}

Extent extent_of(const ModelDefinition &model, std::string_view path) {
  const DimensionDefinition own = definition_of(model, path);
  const std::vector<Extent> parts = extents_of_parts(model, path);
  Extent extent;
  if (own.combine == Combine::max && !parts.empty()) extent = parts.front();
  for (const Extent &part : parts) {
    switch (own.combine) {
      case Combine::sum:
      case Combine::share:
        extent = {extent.low + part.low, extent.high + part.high};
        break;
      case Combine::max:
        extent = {std::max(extent.low, part.low), std::max(extent.high, part.high)};
        break;
      case Combine::first:
        extent = {std::min(extent.low, part.low), std::max(extent.high, part.high)};
        break;
    }
  }
  if (own.combine == Combine::share) extent = scaled(extent, 100 / extent.high);
  extent = {extent.low + own.base, extent.high + own.base};
  if (own.min_value) extent = {std::max(extent.low, *own.min_value), std::max(extent.high, *own.min_value)};
  if (own.max_value) extent = {std::min(extent.low, *own.max_value), std::min(extent.high, *own.max_value)};
  return extent;
}

// A child of a dimension.
struct Child {
  double position = 0;
  bool is_dimension = false;
  std::string name;
  OracleValue value{};
  bool applies = false;
};

// One model, history, instant and part.
class Oracle {
 public:
  Oracle(const ModelDefinition &model, const History &history, Instant t, Part part)
      : model_(model), history_(history), t_(t), part_(part) {}

  std::map<std::string, OracleValue> values() && {
    value_of(root_path);
    return std::move(values_);
  }

 private:
  OracleValue value_of(std::string_view path) {
    const DimensionDefinition own = definition_of(model_, path);
    OracleValue sum = combined(own, children_of(path));
    if (part_ != Part::events) add_to(sum, own.base, std::abs(own.base));
    if (part_ == Part::all) {
      const OracleValue adjusted = adjustments_of(model_, history_, path, t_);
      add_to(sum, adjusted.value, adjusted.magnitude);
    }
    hold_within(sum, own.min_value, own.max_value);
    if (path == root_path && part_ == Part::all) sum.value = set_score(history_, t_).value_or(sum.value);
    return values_[std::string(path)] = sum;
  }

  std::vector<Child> children_of(std::string_view path) {
    std::vector<Child> children;
    add_lead_rules(children, path);
    for (std::size_t i = 0; i < model_.event_rules.size(); ++i) {
      const EventRuleDefinition &rule = model_.event_rules[i];
      if (rule.dimension != path || !is_part(rule)) continue;
      Child child{.position = rule.position, .name = rule.name};
      if (part_ != Part::lead) child.value = points_of(model_, i, history_, t_);
      child.applies = child.value.value != 0;
      children.push_back(child);
    }
    for (const DimensionDefinition &other : model_.dimensions) {
      if (!is_child(other.path, path)) continue;
      Child child{.position = other.position, .is_dimension = true, .name = other.path};
      const OracleValue value = value_of(other.path);
      add_to(child.value, value.value * other.weight, value.magnitude * std::abs(other.weight));
      child.applies = child.value.value != 0;
      children.push_back(child);
    }
    std::stable_sort(children.begin(), children.end(), [](const Child &a, const Child &b) {
      return std::tie(a.position, a.is_dimension, a.name) < std::tie(b.position, b.is_dimension, b.name);
    });
    return children;
  }

  void add_lead_rules(std::vector<Child> &children, std::string_view path) const {
    std::size_t answer = eligible_answer;
    for (const LeadRuleDefinition &rule : model_.lead_rules) {
      if (rule.has_condition) ++answer;
      if (rule.dimension != path) continue;
      Child child{.position = rule.position, .name = rule.name};
      Answer given = rule.has_condition && !history_.answers.empty() ? history_.answers[answer] : Answer::is_true;
      if (history_.answers.empty() || part_ == Part::events) given = Answer::unknown;
      if (given == Answer::is_true) add_to(child.value, rule.points, std::abs(rule.points));
      if (given == Answer::is_false) add_to(child.value, rule.else_points, std::abs(rule.else_points));
      child.applies = given == Answer::is_true || (given == Answer::is_false && rule.else_points != 0);
      children.push_back(child);
    }
  }

  OracleValue combined(const DimensionDefinition &own, const std::vector<Child> &children) const {
    OracleValue sum;
    for (const Child &child : children) add_to(sum, child.value.value, child.value.magnitude);
    switch (own.combine) {
      case Combine::sum:
        break;
      case Combine::share: {
        const double scale = oracle_share_scale(model_, own.path);
        return {.value = sum.value * scale, .magnitude = sum.magnitude * scale};
      }
      case Combine::max:
        if (!children.empty()) sum.value = children.front().value.value;
        for (const Child &child : children) sum.value = std::max(sum.value, child.value.value);
        break;
      case Combine::first: {
        const auto found = std::ranges::find_if(children, &Child::applies);
        sum.value = found == children.end() ? 0 : found->value.value;
        break;
      }
    }
    return sum;
  }

  const ModelDefinition &model_;
  const History &history_;
  Instant t_;
  Part part_;
  std::map<std::string, OracleValue> values_;
};

}  // namespace

std::map<std::string, OracleValue> oracle_values(const ModelDefinition &model, const History &history, Instant t, Part part) {
  return Oracle(model, history, t, part).values();
}

OracleValue oracle(const ModelDefinition &model, const History &history, Instant t, std::string_view path, Part part) {
  return oracle_values(model, history, t, part).at(std::string(path));
}

double oracle_share_scale(const ModelDefinition &model, std::string_view path) {
  double most = 0;
  for (const Extent &part : extents_of_parts(model, path)) most += part.high;
  return 100 / most;
}

bool oracle_grants(const ModelDefinition &model, const History &history, std::string_view tier, Instant t) {
  return std::ranges::any_of(history.awards, [&](const RuleAward &award) {
    const EventRuleDefinition &rule = model.event_rules[award.rule];
    if (rule.grants != tier || is_reset(resets_of(model, history, rule.dimension, t), award.at)) return false;
    return factor(rule.decay, award.at, t) > 0;
  });
}

void expect_as_oracle(const ModelDefinition &model, const Program &program, const History &history, const State &state, Instant t) {
  for (const Part part : {Part::all, Part::lead, Part::events}) {
    const std::vector<double> values = evaluate(program, state, t, part);
    ASSERT_EQ(values.size(), program.dimensions.size());
    const std::map<std::string, OracleValue> expected = oracle_values(model, history, t, part);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string &path = program.dimensions[i].path;
      const OracleValue &value = expected.at(path);
      EXPECT_NEAR(values[i], value.value, 1e-12 * value.magnitude + 1e-300)
          << path << " at " << t.time_since_epoch().count() << ", part " << static_cast<int>(part);
    }
  }
}

}  // namespace leadscore::test

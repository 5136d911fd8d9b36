#include "core/program.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"

namespace leadscore {

namespace {

[[noreturn]] void refuse(std::string_view item, std::string_view name, std::string_view fault) {
  throw InvalidModel(std::string(item) + " \"" + std::string(name) + "\" " + std::string(fault));
}

// The bounds of a clamp; none is infinitely far away.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

Bounds bounds(std::string_view item, std::string_view name, const std::optional<double> &low, const std::optional<double> &high) {
  if ((low && !std::isfinite(*low)) || (high && !std::isfinite(*high))) refuse(item, name, "has a bound that is not finite");
  if (low && high && *low > *high) refuse(item, name, "has a minimum above its maximum");
  Bounds result;
  if (low) result.low = *low;
  if (high) result.high = *high;
  return result;
}

void require_usable(const EventRuleDefinition &rule) {
  const Decay &decay = rule.decay;
  if (!std::isfinite(rule.points)) refuse("rule", rule.name, "has points that are not finite");
  if (decay.grace < Duration::zero()) refuse("rule", rule.name, "has a negative grace");
  if (decay.kind != DecayKind::none && decay.period <= Duration::zero())
    refuse("rule", rule.name, "has a period that is not positive");
  if (decay.kind == DecayKind::linear && !(std::isfinite(decay.rate) && decay.rate > 0))
    refuse("rule", rule.name, "has a linear decay whose rate is not positive");
  if (decay.kind == DecayKind::step && !(decay.rate > 0 && decay.rate <= 1))
    refuse("rule", rule.name, "has a step decay whose rate is not above 0 and at most 1");
}

// The same decay without what its kind does not look at, so that equal behaviour compares equal.
Decay essence(Decay decay) {
  if (decay.kind == DecayKind::none) return {};
  if (decay.kind != DecayKind::linear && decay.kind != DecayKind::step) decay.rate = 1;
  return decay;
}

std::ptrdiff_t depth(const DimensionDefinition &definition) {
  return definition.path == root_path ? 0 : 1 + std::count(definition.path.begin(), definition.path.end(), '.');
}

bool is_well_formed(std::string_view path) {
  return !path.empty() && path.front() != '.' && path.back() != '.' && path.find("..") == std::string_view::npos;
}

class Compiler {
 public:
  explicit Compiler(const ModelDefinition &definition) : definition_(definition) {
    program_.model = definition.model;
    program_.version = definition.version;
  }

  Program run() && {
    add_dimensions();
    for (const LeadRuleDefinition &rule : definition_.lead_rules) add(rule);
    for (const EventRuleDefinition &rule : definition_.event_rules) add(rule);
    add_tiers();
    return std::move(program_);
  }

 private:
  void add_dimensions() {
    std::vector<DimensionDefinition> ordered = definition_.dimensions;
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto &a, const auto &b) { return depth(a) < depth(b); });
    if (ordered.empty() || ordered.front().path != root_path) {
      ordered.insert(ordered.begin(), DimensionDefinition{.path = std::string(root_path), .min_value = {}, .max_value = {}});
    }
    for (const DimensionDefinition &dimension : ordered) add(dimension);
  }

  void add(const DimensionDefinition &definition) {
    const std::string &path = definition.path;
    if (!is_well_formed(path)) refuse("dimension", path, "has no usable path");
    if (!std::isfinite(definition.weight)) refuse("dimension", path, "has a weight that is not finite");
    if (!std::isfinite(definition.base)) refuse("dimension", path, "has a base that is not finite");
    const auto [low, high] = bounds("dimension", path, definition.min_value, definition.max_value);
    const auto index = static_cast<DimensionIndex>(program_.dimensions.size());
    const DimensionIndex parent = parent_of(path);
    if (!by_path_.emplace(path, index).second) refuse("dimension", path, "is there twice");
    program_.dimensions.push_back({path, parent, definition.weight, definition.base, low, high});
  }

  DimensionIndex parent_of(std::string_view path) const {
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) return root_dimension;
    const std::string_view parent = path.substr(0, dot);
    if (parent == root_path) refuse("dimension", path, "lies below the root: leave \"score.\" out of its path");
    const auto found = by_path_.find(parent);
    if (found == by_path_.end()) refuse("dimension", path, "lacks its parent \"" + std::string(parent) + "\"");
    return found->second;
  }

  DimensionIndex dimension(std::string_view item, std::string_view name, std::string_view path) const {
    const auto found = by_path_.find(path);
    if (found == by_path_.end()) refuse(item, name, "names the dimension \"" + std::string(path) + "\", which does not exist");
    return found->second;
  }

  AnswerIndex next_answer() { return static_cast<AnswerIndex>(program_.answer_count++); }

  void add(const LeadRuleDefinition &rule) {
    if (!std::isfinite(rule.points) || !std::isfinite(rule.else_points))
      refuse("rule", rule.name, "has points that are not finite");
    LeadRule compiled{.name = rule.name, .dimension = dimension("rule", rule.name, rule.dimension), .answer = {}};
    compiled.points = rule.points;
    compiled.else_points = rule.else_points;
    if (rule.has_condition) compiled.answer = next_answer();
    program_.lead_rules.push_back(std::move(compiled));
  }

  void add(const EventRuleDefinition &rule) {
    require_usable(rule);
    const auto [low, high] = bounds("rule", rule.name, rule.min_points, rule.max_points);
    const DimensionIndex index = dimension("rule", rule.name, rule.dimension);
    const Slot slot{index, essence(rule.decay), low, high};
    const bool is_clamped = rule.min_points || rule.max_points;
    program_.event_rules.push_back({rule.name, rule.event, index, is_clamped ? new_slot(slot) : shared_slot(slot), rule.points});
  }

  SlotIndex new_slot(const Slot &slot) {
    program_.slots.push_back(slot);
    return static_cast<SlotIndex>(program_.slots.size() - 1);
  }

  SlotIndex shared_slot(const Slot &slot) {
    for (const SlotIndex candidate : shared_) {
      const Slot &other = program_.slots[candidate];
      if (other.dimension == slot.dimension && other.decay == slot.decay) return candidate;
    }
    shared_.push_back(new_slot(slot));
    return shared_.back();
  }

  void add_tiers() {
    std::vector<TierDefinition> ordered = definition_.tiers;
    for (const TierDefinition &tier : ordered) {
      if (!std::isfinite(tier.position)) refuse("tier", tier.name, "has a position that is not finite");
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto &a, const auto &b) { return a.position < b.position; });
    for (const TierDefinition &tier : ordered) add(tier);
  }

  void add(const TierDefinition &tier) {
    const auto is_namesake = [&](const Tier &other) { return other.name == tier.name; };
    if (std::any_of(program_.tiers.begin(), program_.tiers.end(), is_namesake)) refuse("tier", tier.name, "is there twice");
    Tier compiled{.name = tier.name, .minimums = {}, .applies_to = {}};
    for (const TierMinimum &minimum : tier.minimums) {
      if (!std::isfinite(minimum.minimum)) refuse("tier", tier.name, "has a minimum that is not finite");
      compiled.minimums.push_back({dimension("tier", tier.name, minimum.dimension), minimum.minimum});
    }
    if (tier.has_applies_to) compiled.applies_to = next_answer();
    program_.tiers.push_back(std::move(compiled));
  }

  const ModelDefinition &definition_;
  Program program_;
  std::map<std::string, DimensionIndex, std::less<>> by_path_;
  std::vector<SlotIndex> shared_;
};

}  // namespace

std::optional<DimensionIndex> Program::find_dimension(std::string_view path) const noexcept {
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (dimensions[i].path == path) return static_cast<DimensionIndex>(i);
  }
  return std::nullopt;
}

Program compile(const ModelDefinition &definition) { return Compiler(definition).run(); }

}  // namespace leadscore

#include "core/program.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "core/error.hpp"
#include "core/extent.hpp"
#include "core/folded.hpp"

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

void require_usable(std::string_view name, const Decay &decay) {
  if (decay.grace < Duration::zero()) refuse("rule", name, "has a negative grace");
  if (decay.kind != DecayKind::none && decay.period <= Duration::zero()) refuse("rule", name, "has a period that is not positive");
  if (decay.kind == DecayKind::linear && !(std::isfinite(decay.rate) && decay.rate > 0))
    refuse("rule", name, "has a linear decay whose rate is not positive");
  if (decay.kind == DecayKind::step && !(decay.rate > 0 && decay.rate <= 1))
    refuse("rule", name, "has a step decay whose rate is not above 0 and at most 1");
}

void require_usable(const EventRuleDefinition &rule) {
  if (!std::isfinite(rule.points)) refuse("rule", rule.name, "has points that are not finite");
  require_usable(rule.name, rule.decay);
  if (rule.limit.has_value() + rule.frequency.has_value() + rule.silence.has_value() > 1)
    refuse("rule", rule.name, "has more than one of a limit, a frequency and a silence");
  if ((rule.frequency || rule.silence) && rule.decay.kind != DecayKind::none) refuse("rule", rule.name, "counts events that fade");
  if (rule.limit && (rule.limit->max_awards == 0 || rule.limit->per < Duration::zero()))
    refuse("rule", rule.name, "has a limit that lets nothing award");
  if (rule.frequency && (rule.frequency->at_least > rule.frequency->at_most || rule.frequency->within < Duration::zero()))
    refuse("rule", rule.name, "has a frequency that is never met");
  if (rule.silence && rule.silence->silent_for <= Duration::zero()) refuse("rule", rule.name, "has a silence that takes no time");
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
    add_tiers();
    for (const EventRuleDefinition &rule : definition_.event_rules) add(rule);
    for (const GradeDefinition &grade : definition_.grades) add(grade);
    link_resets();
    link_children(program_);
    set_share_scales(definition_, program_);
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
    Dimension dimension{.path = path, .parent = parent, .combine = definition.combine, .position = definition.position};
    dimension.weight = definition.weight;
    dimension.base = definition.base;
    dimension.min_value = low;
    dimension.max_value = high;
    program_.dimensions.push_back(std::move(dimension));
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
    LeadRule compiled{.name = rule.name, .dimension = dimension("rule", rule.name, rule.dimension), .position = rule.position};
    compiled.points = rule.points;
    compiled.else_points = rule.else_points;
    if (rule.has_condition) compiled.answer = next_answer();
    program_.lead_rules.push_back(std::move(compiled));
  }

  void add(const EventRuleDefinition &rule) {
    require_usable(rule);
    const DimensionIndex index = dimension("rule", rule.name, rule.dimension);
    EventRule compiled{
        .name = rule.name, .event = rule.event, .dimension = index, .position = rule.position, .points = rule.points};
    if (rule.resets) {
      const Slot mark{.kind = SlotKind::reset, .dimension = dimension("rule", rule.name, *rule.resets)};
      compiled.marks.push_back(new_slot(mark));
    }
    if (rule.grants) {
      const TierIndex tier = require_tier(rule.name, *rule.grants);
      const Slot mark{.kind = SlotKind::grant, .dimension = index, .decay = essence(rule.decay)};
      compiled.marks.push_back(new_slot(mark));
      program_.tiers[static_cast<std::size_t>(tier)].granted_by.push_back(compiled.marks.back());
    }
    const bool is_mark_only = !compiled.marks.empty() && rule.points == 0 && !rule.min_points && !rule.max_points;
    if (!is_mark_only) compiled.slot = slot_of(rule, index);
    program_.event_rules.push_back(std::move(compiled));
  }

  // The slot of what a rule is worth. Only sums do without knowing what each rule gave.
  SlotIndex slot_of(const EventRuleDefinition &rule, DimensionIndex index) {
    const auto [low, high] = bounds("rule", rule.name, rule.min_points, rule.max_points);
    Slot slot{.dimension = index, .decay = essence(rule.decay), .min_points = low, .max_points = high};
    slot.limit = rule.limit;
    slot.frequency = rule.frequency;
    slot.silence = rule.silence;
    if (rule.frequency || rule.silence) {
      slot.kind = rule.frequency ? SlotKind::frequency : SlotKind::silence;
      slot.points = rule.points;
      return new_slot(slot);
    }
    const bool is_plain = !rule.min_points && !rule.max_points && !rule.limit;
    return is_plain && program_.dimensions[index].combine == Combine::sum ? shared_slot(slot) : new_slot(slot);
  }

  TierIndex require_tier(std::string_view rule, std::string_view name) const {
    const std::optional<TierIndex> tier = program_.find_tier(name);
    if (!tier) refuse("rule", rule, "grants the tier \"" + std::string(name) + "\", which does not exist");
    return *tier;
  }

  void add(const GradeDefinition &grade) {
    if (!std::isfinite(grade.minimum)) refuse("grade", grade.name, "has a minimum that is not finite");
    std::vector<Grade> &grades = program_.dimensions[dimension("grade", grade.name, grade.dimension)].grades;
    const auto place = std::ranges::upper_bound(grades, grade.minimum, {}, &Grade::minimum);
    grades.insert(place, {.name = grade.name, .minimum = grade.minimum});
  }

  void link_resets() {
    for (SlotIndex i = 0; i < program_.slots.size(); ++i) {
      if (program_.slots[i].kind != SlotKind::reset) continue;
      for (DimensionIndex d = 0; d < program_.dimensions.size(); ++d) {
        if (program_.is_below(d, program_.slots[i].dimension)) program_.dimensions[d].reset_by.push_back(i);
      }
    }
    for (Slot &slot : program_.slots) {
      slot.can_be_reset = slot.kind != SlotKind::reset && !program_.dimensions[slot.dimension].reset_by.empty();
    }
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
    Tier compiled{.name = tier.name, .latched = tier.latched};
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

void list_conditional(Program &program, Dimension &dimension, const LeadRule &rule) {
  const AnswerIndex answer = *rule.answer;
  program.points_if_true[answer] = held(rule.points);
  program.points_if_false[answer] = held(rule.else_points);
  std::vector<ConditionalRules> &rules = dimension.conditional_rules;
  const auto place = std::ranges::lower_bound(rules, word_of(answer), {}, &ConditionalRules::word);
  const bool is_there = place != rules.end() && place->word == word_of(answer);
  ConditionalRules &of_word = is_there ? *place : *rules.insert(place, {.word = word_of(answer)});
  of_word.all |= mask_of(answer);
  if (rule.else_points != 0) of_word.with_else_points |= mask_of(answer);
}

void list_for_sum(Program &program, Dimension &dimension) {
  dimension.sure_points = 0;
  dimension.conditional_rules.clear();
  dimension.others.clear();
  for (const Child &child : dimension.children) {
    if (child.kind != ChildKind::lead_rule) {
      dimension.others.push_back(child);
      continue;
    }
    const LeadRule &rule = program.lead_rules[child.index];
    if (rule.answer) {
      list_conditional(program, dimension, rule);
    } else {
      dimension.sure_points = held(dimension.sure_points + rule.points);
    }
    if (dimension.combine == Combine::max || dimension.combine == Combine::first) program.picks_lead_rules = true;
  }
}

}  // namespace

void link_children(Program &program) {
  struct OrderedChild {
    Child child;
    double position = 0;
    std::string_view name;
  };
  program.points_if_true.assign(program.answer_count, 0);
  program.points_if_false.assign(program.answer_count, 0);
  std::vector<std::vector<OrderedChild>> children(program.dimensions.size());
  for (std::uint32_t i = 0; i < program.lead_rules.size(); ++i) {
    const LeadRule &rule = program.lead_rules[i];
    children[rule.dimension].push_back({{ChildKind::lead_rule, i}, rule.position, rule.name});
  }
  std::vector<bool> is_linked(program.slots.size());  // a slot that rules share is one child
  for (const EventRule &rule : program.event_rules) {
    if (!rule.slot || is_linked[*rule.slot]) continue;
    is_linked[*rule.slot] = true;
    children[rule.dimension].push_back({{ChildKind::slot, *rule.slot}, rule.position, rule.name});
  }
  for (DimensionIndex i = root_dimension + 1; i < program.dimensions.size(); ++i) {
    const Dimension &dimension = program.dimensions[i];
    children[dimension.parent].push_back({{ChildKind::dimension, i}, dimension.position, dimension.path});
  }
  const auto place = [](const OrderedChild &c) { return std::tuple(c.position, c.child.kind == ChildKind::dimension, c.name); };
  for (std::size_t i = 0; i < children.size(); ++i) {
    std::ranges::stable_sort(children[i], {}, place);
    program.dimensions[i].children.clear();
    for (const OrderedChild &ordered : children[i]) program.dimensions[i].children.push_back(ordered.child);
    list_for_sum(program, program.dimensions[i]);
  }
}

std::optional<DimensionIndex> Program::find_dimension(std::string_view path) const noexcept {
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (dimensions[i].path == path) return static_cast<DimensionIndex>(i);
  }
  return std::nullopt;
}

std::optional<TierIndex> Program::find_tier(std::string_view name) const noexcept {
  const auto found = std::ranges::find(tiers, name, &Tier::name);
  if (found == tiers.end()) return std::nullopt;
  return static_cast<TierIndex>(found - tiers.begin());
}

bool Program::is_below(DimensionIndex dimension, DimensionIndex ancestor) const noexcept {
  while (dimension != ancestor && dimension != root_dimension) dimension = dimensions[dimension].parent;
  return dimension == ancestor;
}

Program compile(const ModelDefinition &definition) { return Compiler(definition).run(); }

}  // namespace leadscore

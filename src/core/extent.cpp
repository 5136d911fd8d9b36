#include "core/extent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace leadscore {

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

// The least and the most that something can give.
struct Extent {
  double low = 0;
  double high = 0;
};

// What is worth nothing or these points.
Extent of_points(double points) noexcept { return {std::min(0.0, points), std::max(0.0, points)}; }

Extent plus(const Extent &a, const Extent &b) noexcept { return {a.low + b.low, a.high + b.high}; }

Extent times(const Extent &extent, double factor) noexcept {
  if (factor == 0) return {};
  const Extent product{extent.low * factor, extent.high * factor};
  return factor < 0 ? Extent{product.high, product.low} : product;
}

Extent within(const Extent &extent, double low, double high) noexcept {
  return {std::clamp(extent.low, low, high), std::clamp(extent.high, low, high)};
}

Extent extent_of(const LeadRuleDefinition &rule) noexcept {
  return {std::min({0.0, rule.points, rule.else_points}), std::max({0.0, rule.points, rule.else_points})};
}

Extent extent_of(const EventRuleDefinition &rule) noexcept {
  Extent extent = of_points(rule.points);
  const bool is_once = rule.frequency || (rule.silence && !rule.silence->repeats);
  if (rule.has_multiplier) {
    extent = {-unbounded, unbounded};
  } else if (rule.limit && rule.limit->per == Duration::zero()) {
    extent = times(extent, rule.limit->max_awards);
  } else if (!is_once) {
    extent = {extent.low < 0 ? -unbounded : 0, extent.high > 0 ? unbounded : 0};
  }
  return within(extent, rule.min_points.value_or(-unbounded), rule.max_points.value_or(unbounded));
}

class Extents {
 public:
  Extents(const ModelDefinition &definition, Program &program) : program_(program), parts_(program.dimensions.size()) {
    for (const LeadRuleDefinition &rule : definition.lead_rules) add(rule.dimension, extent_of(rule));
    for (std::size_t i = 0; i < definition.event_rules.size(); ++i) {
      const EventRuleDefinition &rule = definition.event_rules[i];
      if (program.event_rules[i].slot) add(rule.dimension, extent_of(rule));
    }
  }

  void run() {
    for (std::size_t i = program_.dimensions.size(); i-- > 0;) {
      Dimension &dimension = program_.dimensions[i];
      const Extent children = combine(dimension, parts_[i]);
      const Extent extent = within(plus(children, {dimension.base, dimension.base}), dimension.min_value, dimension.max_value);
      if (i != root_dimension) parts_[dimension.parent].push_back(times(extent, dimension.weight));
    }
  }

 private:
  void add(std::string_view path, const Extent &extent) { parts_[program_.find_dimension(path).value()].push_back(extent); }

  static Extent combine(Dimension &dimension, const std::vector<Extent> &parts) {
    Extent sum;
    Extent either;
    Extent largest{parts.empty() ? 0 : -unbounded, parts.empty() ? 0 : -unbounded};
    for (const Extent &part : parts) {
      sum = plus(sum, part);
      either = {std::min(either.low, part.low), std::max(either.high, part.high)};
      largest = {std::max(largest.low, part.low), std::max(largest.high, part.high)};
    }
    switch (dimension.combine) {
      case Combine::sum:
        return sum;
      case Combine::max:
        return largest;
      case Combine::first:
        return either;
      case Combine::share:
        break;
    }
    if (!std::isfinite(sum.high) || sum.high <= 0) {
      throw InvalidModel("dimension \"" + dimension.path + "\" is a share of what its parts can give at most, which is " +
                         (sum.high > 0 ? "not bounded" : "nothing"));
    }
    dimension.share_scale = 100 / sum.high;
    return times(sum, dimension.share_scale);
  }

  Program &program_;
  std::vector<std::vector<Extent>> parts_;  // by dimension, of its children
};

}  // namespace

void set_share_scales(const ModelDefinition &definition, Program &program) {
  const auto is_share = [](const Dimension &dimension) { return dimension.combine == Combine::share; };
  if (std::ranges::any_of(program.dimensions, is_share)) Extents(definition, program).run();
}

}  // namespace leadscore

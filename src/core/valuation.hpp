// The one way from a state to the values of the dimensions, for numbers (an instant) and for ranges (an interval) alike.
//
// Both take the same steps in the same order. Since every step is monotone, rounding included, a range encloses whatever the
// numbers show inside its interval, without a margin of its own. Courses (course.hpp) do so too, and know more of an interval.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/counted.hpp"
#include "core/evaluate.hpp"
#include "core/folded.hpp"

namespace leadscore {

struct Range {
  double low = 0;
  double high = 0;
};

// Whether something is so over a whole interval; for an instant it is never `sometimes`.
enum class Holds : std::uint8_t { never, sometimes, always };

inline double plus(double a, double b) noexcept { return held(a + b); }
inline double times(double value, double factor) noexcept { return held(value * factor); }
inline double clamped(double value, double low, double high) noexcept { return held(std::clamp(value, low, high)); }
inline double larger(double a, double b) noexcept { return std::max(a, b); }
inline Holds is_in(double value, double low, double high) noexcept {
  return value >= low && value <= high ? Holds::always : Holds::never;
}

inline Range plus(const Range &a, const Range &b) noexcept { return {plus(a.low, b.low), plus(a.high, b.high)}; }
inline Range times(const Range &value, double factor) noexcept {
  const Range product{times(value.low, factor), times(value.high, factor)};
  return factor < 0 ? Range{product.high, product.low} : product;
}
inline Range clamped(const Range &value, double low, double high) noexcept {
  return {clamped(value.low, low, high), clamped(value.high, low, high)};
}
inline Range larger(const Range &a, const Range &b) noexcept { return {std::max(a.low, b.low), std::max(a.high, b.high)}; }
inline Holds is_in(const Range &value, double low, double high) noexcept {
  if (value.high < low || value.low > high) return Holds::never;
  return value.low >= low && value.high <= high ? Holds::always : Holds::sometimes;
}

// `value`, or what was possible before. A number is possible only once: alternatives arise from ranges alone.
inline double either(const std::optional<double> & /*before*/, double value) noexcept { return value; }
inline Range either(const std::optional<Range> &before, const Range &value) noexcept {
  return before ? Range{std::min(before->low, value.low), std::max(before->high, value.high)} : value;
}

template <typename Number>
Holds is_zero(const Number &value) noexcept {
  return is_in(value, 0, 0);
}

// What lead rules and dimensions have of their own, before any event.
template <typename Number>
struct LeadPart {
  std::vector<Number> own;    // by dimension: its base and adjustments
  std::vector<Number> sums;   // by dimension: the points of its lead rules
  std::vector<Number> rules;  // by lead rule: its points; only where they are asked for one by one (see fill_rules)
  std::vector<bool> applies;  // likewise: whether a dimension that takes the first child that applies takes it
};

// The same in another kind of number: `convert` makes one of a double.
template <typename Number, typename Convert>
LeadPart<Number> lead_part_as(const LeadPart<double> &lead, const Convert &convert) {
  const auto converted = [&](const std::vector<double> &values) {
    std::vector<Number> numbers;
    numbers.reserve(values.size());
    std::ranges::transform(values, std::back_inserter(numbers), convert);
    return numbers;
  };
  return {.own = converted(lead.own), .sums = converted(lead.sums), .rules = converted(lead.rules), .applies = lead.applies};
}

// The points of a frequency slot for a number of events.
inline double points_while(double number, const Slot &slot) noexcept {
  const Frequency &range = *slot.frequency;
  const bool is_met = number >= static_cast<double>(range.at_least) && number <= static_cast<double>(range.at_most);
  return is_met ? slot.points : 0;
}
inline Range points_while(const Range &number, const Slot &slot) noexcept {
  const Frequency &range = *slot.frequency;
  switch (is_in(number, static_cast<double>(range.at_least), static_cast<double>(range.at_most))) {
    case Holds::never:
      return {0, 0};
    case Holds::sometimes:
      return {std::min(0.0, slot.points), std::max(0.0, slot.points)};
    case Holds::always:
      break;
  }
  return {slot.points, slot.points};
}

// What the slots are worth; `values` tells it of a folded sum, of a counted entry, of the number of events that an entry stands
// for, and of a slot of silence.
template <typename Number, typename Values>
void value_slots(const Program &program, const State &state, std::span<const CountedEntry> counted, const Values &values,
                 std::vector<Number> &slots) {
  slots.assign(program.slots.size(), Number{});
  for (const Sum &sum : state.sums) slots[sum.slot] = plus(slots[sum.slot], values.folded(program.slots[sum.slot].decay, sum));
  for (const CountedEntry &entry : counted) {
    const Slot &slot = program.slots[entry.slot];
    Number &value = slots[entry.slot];
    value = plus(value, slot.kind == SlotKind::frequency ? values.number_of(entry) : values.award(slot.decay, entry));
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot &slot = program.slots[i];
    Number &value = slots[i];
    if (slot.kind == SlotKind::silence) value = values.silence(static_cast<SlotIndex>(i));
    if (slot.kind == SlotKind::frequency) value = points_while(value, slot);
    if (slot.kind == SlotKind::awards || slot.kind == SlotKind::silence) value = clamped(value, slot.min_points, slot.max_points);
  }
}

// Puts together the values of one dimension's children.
template <typename Number>
class Combination {
 public:
  Combination(const Program &program, const LeadPart<Number> &lead, std::span<const Number> slots,
              std::span<const Number> dimensions)
      : program_(program), lead_(lead), slots_(slots), dimensions_(dimensions) {}

  Number combine(DimensionIndex index) const {
    const Dimension &dimension = program_.dimensions[index];
    switch (dimension.combine) {
      case Combine::sum:
        return sum(index);
      case Combine::max:
        return max(dimension);
      case Combine::first:
        return first(dimension);
      case Combine::share:
        break;
    }
    return times(sum(index), dimension.share_scale);
  }

  Number value_of(const Child &child) const {
    switch (child.kind) {
      case ChildKind::lead_rule:
        return lead_.rules[child.index];
      case ChildKind::slot:
        return slots_[child.index];
      case ChildKind::dimension:
        break;
    }
    return times(dimensions_[child.index], program_.dimensions[child.index].weight);
  }

  // The child whose value the dimension takes, if it combines by max or first and a child applies; else null.
  const Child *best(DimensionIndex index) const {
    const Dimension &dimension = program_.dimensions[index];
    if (dimension.combine != Combine::max && dimension.combine != Combine::first) return nullptr;
    const Number value = combine(index);
    const auto gives_value = [&](const Child &child) {
      if (applies(child) != Holds::always) return false;
      return dimension.combine == Combine::first || value_of(child) == value;
    };
    const auto found = std::ranges::find_if(dimension.children, gives_value);
    return found == dimension.children.end() ? nullptr : &*found;
  }

  Holds applies(const Child &child) const {
    if (child.kind == ChildKind::lead_rule) return lead_.applies[child.index] ? Holds::always : Holds::never;
    switch (is_zero(value_of(child))) {
      case Holds::never:
        return Holds::always;
      case Holds::sometimes:
        return Holds::sometimes;
      case Holds::always:
        break;
    }
    return Holds::never;
  }

 private:
  Number sum(DimensionIndex index) const {
    Number sum = lead_.sums[index];
    for (const Child &child : program_.dimensions[index].others) sum = plus(sum, value_of(child));
    return sum;
  }

  Number max(const Dimension &dimension) const {
    std::optional<Number> largest;
    for (const Child &child : dimension.children) largest = largest ? larger(*largest, value_of(child)) : value_of(child);
    return largest.value_or(Number{});
  }

  Number first(const Dimension &dimension) const {
    std::optional<Number> possible;
    for (const Child &child : dimension.children) {
      const Holds holds = applies(child);
      if (holds == Holds::never) continue;
      possible = either(possible, value_of(child));
      if (holds == Holds::always) return *possible;
    }
    return either(possible, Number{});
  }

  const Program &program_;
  const LeadPart<Number> &lead_;
  std::span<const Number> slots_;
  std::span<const Number> dimensions_;
};

// The values of all dimensions, from the leaves to the root, by index.
template <typename Number>
void roll_up(const Program &program, const LeadPart<Number> &lead, const std::vector<Number> &slots,
             std::vector<Number> &dimensions) {
  dimensions.assign(program.dimensions.size(), Number{});
  const Combination<Number> combination(program, lead, slots, dimensions);
  for (std::size_t i = dimensions.size(); i-- > 0;) {
    const Dimension &dimension = program.dimensions[i];
    dimensions[i] =
        clamped(plus(lead.own[i], combination.combine(static_cast<DimensionIndex>(i))), dimension.min_value, dimension.max_value);
  }
}

// Whether a tier holds for a lead, whatever other tiers do.
template <typename Number>
Holds hold_of(const Tier &tier, const State &state, const std::vector<Number> &slots, const std::vector<Number> &dimensions) {
  constexpr double unbounded = std::numeric_limits<double>::infinity();
  if (tier.applies_to && state.answers[*tier.applies_to] != Answer::is_true) return Holds::never;
  Holds granted = Holds::never;
  for (const SlotIndex slot : tier.granted_by) {
    const Holds by_this = is_in(slots[slot], std::numeric_limits<double>::min(), unbounded);
    granted = std::max(granted, by_this);
  }
  Holds reached = Holds::always;
  for (const Minimum &minimum : tier.minimums) {
    reached = std::min(reached, is_in(dimensions[minimum.dimension], minimum.minimum, unbounded));
  }
  return std::max(granted, reached);
}

}  // namespace leadscore

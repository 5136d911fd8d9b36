// A compiled version of a model: names replaced by indexes, the tree laid out so that one backward pass evaluates it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bits.hpp"
#include "core/decay.hpp"
#include "core/model.hpp"

namespace leadscore {

using DimensionIndex = std::uint32_t;
using SlotIndex = std::uint32_t;
using AnswerIndex = std::uint32_t;
using TierIndex = std::int32_t;

inline constexpr DimensionIndex root_dimension = 0;
inline constexpr TierIndex no_tier = -1;

enum class ChildKind : std::uint8_t { lead_rule, slot, dimension };

// A child of a dimension: an index into the program's lead rules, slots or dimensions.
struct Child {
  ChildKind kind = ChildKind::lead_rule;
  std::uint32_t index = 0;
};

// Lead rules of a dimension that have a condition: those whose answers are in one word of Answers.
struct ConditionalRules {
  std::uint32_t word = 0;
  Word all = 0;
  Word with_else_points = 0;
};

struct Grade {
  std::string name;
  double minimum = 0;
};

struct Dimension {
  std::string path;
  DimensionIndex parent = root_dimension;  // the root is its own parent
  Combine combine = Combine::sum;
  double position = 0;
  double weight = 1;
  double base = 0;
  double min_value = -std::numeric_limits<double>::infinity();
  double max_value = std::numeric_limits<double>::infinity();
  double share_scale = 1;         // of a share: 100 / the most that its children can give
  std::vector<Child> children{};  // by position; rules before dimensions, then by name
  std::vector<Grade> grades{};    // by rising minimum
  // The children again, as they are added up: lead rules, of which time changes nothing, before the others.
  double sure_points = 0;  // of lead rules without a condition
  std::vector<ConditionalRules> conditional_rules{};
  std::vector<Child> others{};
  std::vector<SlotIndex> reset_by{};  // the reset slots whose events empty it
};

// A lead rule reads its condition's answer from the state (see State::answers); without a condition the answer is always true.
struct LeadRule {
  std::string name;
  DimensionIndex dimension = root_dimension;
  double position = 0;
  std::optional<AnswerIndex> answer{};
  double points = 0;
  double else_points = 0;
};

// What the entries of a slot are, and so what the slot is worth.
enum class SlotKind : std::uint8_t {
  awards,     // points that fade; the sum of those that count, within the slot's bounds
  frequency,  // events; the slot's points while their number is in its range
  silence,    // events; the slot's points once there has been none for long
  grant,      // events, which fade like awards; above 0, the slot grants its tier
  reset,      // events that empty a dimension
};

// Where the entries of one or more event rules are kept. Rules of one dimension with the same decay share a slot, since only
// their sum matters; a rule with a limit or bounds has a slot of its own, as has every rule of a dimension that does not combine
// by sum, and whatever is no award.
struct Slot {
  SlotKind kind = SlotKind::awards;
  DimensionIndex dimension = root_dimension;
  Decay decay{};
  double min_points = -std::numeric_limits<double>::infinity();
  double max_points = std::numeric_limits<double>::infinity();
  double points = 0;                     // frequency and silence: what the slot is worth
  std::optional<Limit> limit{};          // awards
  std::optional<Frequency> frequency{};  // frequency
  std::optional<Silence> silence{};      // silence
  bool can_be_reset = false;             // whether events can empty its dimension

  // True if entries may not be summed up: the instant of each matters for good.
  [[nodiscard]] bool keeps_entries() const noexcept { return kind != SlotKind::awards || limit || can_be_reset; }
};

struct EventRule {
  std::string name;
  std::string event;  // a kind, or "*"
  DimensionIndex dimension = root_dimension;
  double position = 0;
  double points = 0;
  std::optional<SlotIndex> slot{};  // what the rule is worth: awards, frequency or silence; none: nothing
  std::vector<SlotIndex> marks{};   // resets and grants

  [[nodiscard]] bool matches(std::string_view kind) const noexcept { return event == "*" || event == kind; }
};

struct Minimum {
  DimensionIndex dimension = root_dimension;
  double minimum = 0;
};

// A tier holds if its minimums do or it is granted, and the lead meets `applies_to`.
struct Tier {
  std::string name;
  std::vector<Minimum> minimums{};
  std::optional<AnswerIndex> applies_to{};
  std::vector<SlotIndex> granted_by{};
  bool latched = false;
};

// What a lead's row answers to the model's conditions on leads, in the order in which a state keeps the answers:
// `eligible` first, then the lead rules that have a condition in their order, then the tiers that have `applies_to` in theirs.
inline constexpr AnswerIndex eligible_answer = 0;

struct Program {
  std::int32_t model = 0;
  std::int32_t version = 0;
  std::vector<Dimension> dimensions;   // a parent before its children; the root first
  std::vector<LeadRule> lead_rules;    // as defined, in that order
  std::vector<EventRule> event_rules;  // as defined, in that order
  std::vector<Slot> slots;
  std::vector<Tier> tiers;  // by rising position
  std::size_t answer_count = 1;
  std::vector<double> points_if_true;   // by AnswerIndex: what a lead rule is worth then; 0 if the answer is of something else
  std::vector<double> points_if_false;  // likewise
  bool picks_lead_rules = false;        // whether a dimension that combines by max or first has lead rules
  double ranked_above = -std::numeric_limits<double>::infinity();  // leads whose score can rise above it are ranked (ceiling.hpp)

  [[nodiscard]] std::optional<DimensionIndex> find_dimension(std::string_view path) const noexcept;
  [[nodiscard]] std::optional<TierIndex> find_tier(std::string_view name) const noexcept;
  // True if `dimension` is `ancestor` or lies below it.
  [[nodiscard]] bool is_below(DimensionIndex dimension, DimensionIndex ancestor) const noexcept;
};

// What an event that meets a rule at `at` leaves in a lead's state: `sink(slot, at, points)` is called for each entry. `points` are
// those of an award; 0 or no number: none, but what the event marks is marked all the same. Silence and resets are about times:
// an event that has none, for its instant is infinite, neither breaks nor resets anything.
template <typename Sink>
void enter(const Program &program, const EventRule &rule, Instant at, double points, const Sink &sink) {
  const auto enter_slot = [&](SlotIndex index) {
    const Slot &slot = program.slots[index];
    const bool needs_time = slot.kind == SlotKind::silence || slot.kind == SlotKind::reset;
    if (needs_time && (at == distant_past || at == distant_future)) return;
    sink(index, at, slot.kind == SlotKind::awards ? points : 1.0);
  };
  if (rule.slot) enter_slot(*rule.slot);
  for (const SlotIndex mark : rule.marks) enter_slot(mark);
}

// Lists each dimension's children anew, in both ways, after slots were given to rules.
void link_children(Program &program);

// Throws InvalidModel if a dimension lacks its parent or is there twice, a rule, grade or tier names an unknown dimension or tier,
// a share has a part without a finite most, or a number is not usable. The root may be left out of the definition; so may nothing
// else.
[[nodiscard]] Program compile(const ModelDefinition &definition);

}  // namespace leadscore

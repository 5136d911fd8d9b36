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

#include "core/decay.hpp"
#include "core/model.hpp"

namespace leadscore {

using DimensionIndex = std::uint32_t;
using SlotIndex = std::uint32_t;
using AnswerIndex = std::uint32_t;
using TierIndex = std::int32_t;

inline constexpr DimensionIndex root_dimension = 0;
inline constexpr TierIndex no_tier = -1;

struct Dimension {
  std::string path;
  DimensionIndex parent = root_dimension;  // the root is its own parent
  double weight = 1;
  double base = 0;
  double min_value = -std::numeric_limits<double>::infinity();
  double max_value = std::numeric_limits<double>::infinity();
};

// A lead rule reads its condition's answer from the state (see State::answers); without a condition the answer is always true.
struct LeadRule {
  std::string name;
  DimensionIndex dimension = root_dimension;
  std::optional<AnswerIndex> answer;
  double points = 0;
  double else_points = 0;
};

// Where the awards of one or more event rules add up. Rules of one dimension with the same decay share a slot, since only
// their sum matters; a rule with `min_points` or `max_points` has a slot of its own.
struct Slot {
  DimensionIndex dimension = root_dimension;
  Decay decay;
  double min_points = -std::numeric_limits<double>::infinity();
  double max_points = std::numeric_limits<double>::infinity();
};

struct EventRule {
  std::string name;
  std::string event;  // a kind, or "*"
  DimensionIndex dimension = root_dimension;
  SlotIndex slot = 0;
  double points = 0;

  [[nodiscard]] bool matches(std::string_view kind) const noexcept { return event == "*" || event == kind; }
};

struct Minimum {
  DimensionIndex dimension = root_dimension;
  double minimum = 0;
};

struct Tier {
  std::string name;
  std::vector<Minimum> minimums;
  std::optional<AnswerIndex> applies_to;
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

  [[nodiscard]] std::optional<DimensionIndex> find_dimension(std::string_view path) const noexcept;
};

// Throws InvalidModel if a dimension lacks its parent or is there twice, a rule or tier names an unknown dimension, or a number is
// not usable. The root may be left out of the definition; so may nothing else.
[[nodiscard]] Program compile(const ModelDefinition &definition);

}  // namespace leadscore

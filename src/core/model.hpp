// A published version of a model, as declared: names, numbers and the tree by its paths. `compile` (program.hpp) makes it runnable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decay.hpp"

namespace leadscore {

// The path of the root of every model's tree.
inline constexpr std::string_view root_path = "score";

struct DimensionDefinition {
  std::string path;  // dotted; the root is "score", its children have no dot
  double weight = 1;
  double base = 0;
  std::optional<double> min_value;
  std::optional<double> max_value;
};

struct LeadRuleDefinition {
  std::string name;
  std::string dimension;
  bool has_condition = false;  // without a condition the rule always awards `points`
  double points = 0;
  double else_points = 0;
};

struct EventRuleDefinition {
  std::string name;
  std::string dimension;
  std::string event;  // a kind, or "*" for every kind
  double points = 0;
  Decay decay;
  std::optional<double> min_points;
  std::optional<double> max_points;
};

struct TierMinimum {
  std::string dimension;
  double minimum = 0;
};

struct TierDefinition {
  std::string name;
  double position = 0;
  std::vector<TierMinimum> minimums;
  bool has_applies_to = false;
};

struct ModelDefinition {
  std::int32_t model = 0;    // leadscore.model.id
  std::int32_t version = 0;  // leadscore.version.version
  std::vector<DimensionDefinition> dimensions;
  std::vector<LeadRuleDefinition> lead_rules;
  std::vector<EventRuleDefinition> event_rules;
  std::vector<TierDefinition> tiers;
};

}  // namespace leadscore

// A published version of a model, as declared: names, numbers and the tree by its paths. `compile` (program.hpp) makes it runnable.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decay.hpp"

namespace leadscore {

// The path of the root of every model's tree.
inline constexpr std::string_view root_path = "score";

// How a dimension puts the values of its children together (see evaluate.hpp).
enum class Combine : std::uint8_t { sum, max, first, share };

struct DimensionDefinition {
  std::string path;  // dotted; the root is "score", its children have no dot
  Combine combine = Combine::sum;
  double position = 0;
  double weight = 1;
  double base = 0;
  std::optional<double> min_value{};
  std::optional<double> max_value{};
};

struct LeadRuleDefinition {
  std::string name;
  std::string dimension;
  double position = 0;
  bool has_condition = false;  // without a condition the rule always awards `points`
  double points = 0;
  double else_points = 0;
};

// At most `max_awards` awards within `per` before each; a `per` of zero: ever.
struct Limit {
  std::uint32_t max_awards = 1;
  Duration per{0};

  friend bool operator==(const Limit &, const Limit &) = default;
};

// Worth its points while the number of events within the last `within` is in the range; a `within` of zero: ever.
struct Frequency {
  std::int64_t at_least = 0;
  std::int64_t at_most = std::numeric_limits<std::int64_t>::max();
  Duration within{0};

  friend bool operator==(const Frequency &, const Frequency &) = default;
};

// Worth its points once there has been no event for `silent_for`; with `repeats`, once per whole `silent_for`.
struct Silence {
  Duration silent_for{0};
  bool repeats = false;

  friend bool operator==(const Silence &, const Silence &) = default;
};

struct EventRuleDefinition {
  std::string name;
  std::string dimension;
  double position = 0;
  std::string event;            // a kind, or "*" for every kind
  bool has_multiplier = false;  // whether the points of an award may be any number
  double points = 0;
  Decay decay{};
  std::optional<Limit> limit{};
  std::optional<Frequency> frequency{};
  std::optional<Silence> silence{};
  std::optional<std::string> resets{};  // the dimension that the event empties
  std::optional<std::string> grants{};  // the tier that the event grants
  std::optional<double> min_points{};
  std::optional<double> max_points{};
};

struct GradeDefinition {
  std::string dimension;
  std::string name;
  double minimum = 0;
};

struct TierMinimum {
  std::string dimension;
  double minimum = 0;
};

struct TierDefinition {
  std::string name;
  double position = 0;
  std::vector<TierMinimum> minimums{};
  bool has_applies_to = false;
  bool latched = false;  // once reached, it is not left by a falling score
};

struct ModelDefinition {
  std::int32_t model = 0;    // leadscore.model.id
  std::int32_t version = 0;  // leadscore.version.version
  std::vector<DimensionDefinition> dimensions{};
  std::vector<LeadRuleDefinition> lead_rules{};
  std::vector<EventRuleDefinition> event_rules{};
  std::vector<GradeDefinition> grades{};
  std::vector<TierDefinition> tiers{};
};

}  // namespace leadscore

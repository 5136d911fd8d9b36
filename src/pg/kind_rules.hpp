// The event rules that an event of one kind may meet.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <optional>
#include <vector>

#include "pg/conditions.hpp"
#include "pg/place.hpp"

namespace leadscore::pg {

// What a rule's points are multiplied by: the number that a path gives; without a path, 1.
struct Multiplier {
  const JsonPath *path = nullptr;
  std::optional<Place> place{};  // the same, where it names no more than a place
};

struct KindRules {
  std::size_t index = 0;                // among the kinds of the model that have been compiled
  std::vector<std::uint32_t> rules;     // as indices of Program::event_rules, in their order
  Conditions conditions;                // of these
  std::vector<Multiplier> multipliers;  // of these
};

}  // namespace leadscore::pg

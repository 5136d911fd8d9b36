// Conditions compiled for rows: what each answers follows from the items that are found at the places that they name. What cannot
// be compiled is kept as jsonpath.
#pragma once

#include "pg/postgres.hpp"

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "core/condition_set.hpp"
#include "pg/constant_scale.hpp"
#include "pg/place.hpp"
#include "pg/regular_expression.hpp"

namespace leadscore::pg {

// Where items are read, and what is asked of them.
struct TestedPlace {
  Place place;
  NumberScale numbers;
  StringScale strings;
  ExpressionTests expressions;
  std::vector<TestIndex> exist_tests;

  // Adds to the truths what this item says. False where a number must be given as numeric. May throw PostgresError.
  [[nodiscard]] bool add(const Item &item, PlaceIndex index, const ConditionSet &set, ConditionSet::Truths &truths) const;
};

// A condition that is left to PostgreSQL's own evaluation.
struct PathCondition {
  std::size_t condition = 0;
  const JsonPath *path = nullptr;
};

class Conditions {
 public:
  // A null path always holds. Paths and variables must live as long as the conditions, and so must the current memory context.
  Conditions(std::span<const JsonPath *const> paths, const Jsonb *variables);

  [[nodiscard]] const ConditionSet &set() const noexcept { return *set_; }
  // By column, so that those of one column stand together.
  [[nodiscard]] std::span<const TestedPlace> places() const noexcept { return places_; }
  [[nodiscard]] std::span<const PathCondition> paths() const noexcept { return paths_; }
  [[nodiscard]] const Jsonb *variables() const noexcept { return variables_; }

 private:
  const Jsonb *variables_;
  std::optional<ConditionSet> set_;
  std::vector<TestedPlace> places_;
  std::vector<PathCondition> paths_;
};

}  // namespace leadscore::pg

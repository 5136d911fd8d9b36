// Conditions as this extension evaluates them by itself, from jsonpath.
#pragma once

#include "pg/postgres.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/condition.hpp"
#include "pg/place.hpp"
#include "pg/regular_expression.hpp"

namespace leadscore::pg {

enum class Comparison : std::uint8_t { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

// Whether it is a matter of which of two comes first.
[[nodiscard]] constexpr bool needs_order(Comparison comparison) noexcept {
  return comparison != Comparison::equal && comparison != Comparison::not_equal;
}

// What a test compares an item with. What it points to belongs to the path or to the variables.
struct ComparisonTest {
  Comparison comparison = Comparison::equal;
  std::vector<Item> constants;  // true if it is so for one of them
};
struct PrefixTest {
  std::string prefix;
};
struct RegexTest {
  std::shared_ptr<const RegularExpression> expression;
};
struct ExistsTest {};

struct ParsedTest {
  Place place;
  std::variant<ComparisonTest, PrefixTest, RegexTest, ExistsTest> kind;
};

// As Condition, with the tests themselves.
struct ParsedCondition {
  Condition::Kind kind = Condition::Kind::test;
  std::optional<ParsedTest> test{};
  std::vector<ParsedCondition> operands{};
};

// None for what is left to PostgreSQL's own evaluation. Variables are taken from `variables`, whose values are constants. A null
// path is a condition that always holds.
[[nodiscard]] std::optional<ParsedCondition> parse_condition(const JsonPath *path, const Jsonb *variables,
                                                             RegularExpressions &regular_expressions);

// The place whose first item a path gives; none if it gives something else.
[[nodiscard]] std::optional<Place> parse_place(const JsonPath *path);

}  // namespace leadscore::pg

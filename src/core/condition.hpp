// Conditions on a row as trees of tests, and what a test says of the items that it finds.
//
// A row is known to the engine by what is found at its places (a column, or something inside it): items of the types of JSON. Among
// items of one type the engine knows positions alone: whoever reads the rows sorts the constants that the tests of a place compare
// with, and gives each item its position among them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/answers.hpp"

namespace leadscore {

enum class ItemType : std::uint8_t { null, boolean, number, string, container };

inline constexpr std::size_t item_type_count = 5;

using PlaceIndex = std::uint32_t;
using TestIndex = std::uint32_t;
using Position = std::uint32_t;

// The positions from `first` up to but not including `last`, among the items of one type.
struct PositionSpan {
  ItemType type = ItemType::null;
  Position first = 0;
  Position last = 0;
};

// A test of one place. It is true of a row if it is true of one of the items there, else unknown if it is unknown of one, else
// false; so a place without items gives false.
struct ItemTest {
  PlaceIndex place = 0;
  std::array<Answer, item_type_count> otherwise{};  // of an item in none of the spans, by its type
  std::vector<PositionSpan> is_true_in{};
};

// A condition: a test, or a combination of conditions in the three-valued logic of SQL.
struct Condition {
  enum class Kind : std::uint8_t { test, all, any, negation, is_unknown };

  Kind kind = Kind::test;
  TestIndex test = 0;
  std::vector<Condition> operands{};  // one of negation and is_unknown, none of test
};

}  // namespace leadscore

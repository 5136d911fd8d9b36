// The constants that the tests of one place compare with, in their order, and the positions of items among them: the i-th constant
// has position 2 i + 1, what lies between it and the one before has 2 i.
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/condition.hpp"

namespace leadscore::pg {

[[nodiscard]] constexpr Position position_of_constant(std::size_t index) noexcept { return static_cast<Position>(2 * index + 1); }

// What follows the last position of a scale of `count` constants.
[[nodiscard]] constexpr Position end_of_scale(std::size_t count) noexcept { return static_cast<Position>(2 * count + 1); }

// false < true are a scale of their own, with nothing in between.
inline constexpr std::size_t boolean_count = 2;
[[nodiscard]] constexpr std::size_t index_of(bool truth) noexcept { return truth ? 1 : 0; }

// Numbers, compared as numeric. They must live as long as the scale.
class NumberScale {
 public:
  NumberScale() = default;
  explicit NumberScale(std::vector<Numeric> constants);

  [[nodiscard]] std::size_t size() const noexcept { return constants_.size(); }
  [[nodiscard]] Position position(Numeric number) const noexcept;
  // None where only the number as numeric tells it, which is rare. A double stands for the decimal number that it is shown as.
  [[nodiscard]] std::optional<Position> position(std::int64_t number) const noexcept;
  [[nodiscard]] std::optional<Position> position(double number) const noexcept;

 private:
  struct Constant {
    Numeric number = nullptr;
    double nearest = 0;                   // double; the order of these is that of the numbers
    std::optional<std::int64_t> whole{};  // the number itself, if it is such
  };

  std::vector<Constant> constants_;
};

// Strings, compared byte by byte. Without order only whether an item equals one of them is told, by one probe of a hash table.
class StringScale {
 public:
  StringScale() = default;
  StringScale(std::vector<std::string> constants, bool is_ordered);
  ~StringScale() = default;
  // A copy's index would be of the strings of the original.
  StringScale(const StringScale &) = delete;
  StringScale &operator=(const StringScale &) = delete;
  StringScale(StringScale &&) = default;
  StringScale &operator=(StringScale &&) = default;

  [[nodiscard]] std::size_t size() const noexcept { return constants_.size(); }
  [[nodiscard]] Position position(std::string_view text) const noexcept;

 private:
  std::vector<std::string> constants_;
  bool is_ordered_ = false;
  std::unordered_map<std::string_view, std::uint32_t> index_;  // of constants_, unless they are ordered
};

}  // namespace leadscore::pg

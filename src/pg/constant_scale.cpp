#include "pg/constant_scale.hpp"

#include <algorithm>
#include <cmath>

#include "pg/guard.hpp"
#include "pg/place.hpp"

namespace leadscore::pg {

namespace {

// Up to here every whole number is a double, and the decimal number that such a double is shown as is that whole number.
constexpr std::int64_t largest_exact = std::int64_t{1} << 53;

// Neither raises an error: both numbers are whole values in memory.
int compare(Numeric left, Numeric right) noexcept {
  return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(left), NumericGetDatum(right)));
}

std::optional<std::int64_t> whole_number(Numeric number, double nearest) {
  if (std::fabs(nearest) >= 9e18) return std::nullopt;
  std::int64_t whole = 0;
  const bool is_same = call([number, &whole] {
    whole = DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(number)));
    return compare(int64_to_numeric(whole), number) == 0;
  });
  return is_same ? std::optional(whole) : std::nullopt;
}

constexpr Position position_before(std::size_t index) noexcept { return static_cast<Position>(2 * index); }

}  // namespace

NumberScale::NumberScale(std::vector<Numeric> constants) {
  std::ranges::sort(constants, [](Numeric left, Numeric right) { return compare(left, right) < 0; });
  const auto is_same = [](Numeric left, Numeric right) { return compare(left, right) == 0; };
  constants.erase(std::unique(constants.begin(), constants.end(), is_same), constants.end());
  for (Numeric number : constants) {
    const double nearest = to_double(number);
    constants_.push_back({.number = number, .nearest = nearest, .whole = whole_number(number, nearest)});
  }
}

Position NumberScale::position(Numeric number) const noexcept {
  std::size_t low = 0;
  std::size_t high = constants_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const int order = compare(constants_[middle].number, number);
    if (order == 0) return position_of_constant(middle);
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return position_before(low);
}

std::optional<Position> NumberScale::position(std::int64_t number) const noexcept {
  const auto nearest = static_cast<double>(number);
  const auto found = std::ranges::lower_bound(constants_, nearest, {}, &Constant::nearest);
  const auto index = static_cast<std::size_t>(found - constants_.begin());
  if (found == constants_.end() || found->nearest > nearest) return position_before(index);
  if (std::abs(nearest) >= static_cast<double>(largest_exact) || found->whole != number) return std::nullopt;
  return position_of_constant(index);
}

// The decimal numbers that are nearest to one double lie all between those that are nearest to its neighbours. So doubles tell the
// order unless they are equal, whether a number is a constant or what a double is shown as.
std::optional<Position> NumberScale::position(double number) const noexcept {
  const auto found = std::ranges::lower_bound(constants_, number, {}, &Constant::nearest);
  const auto index = static_cast<std::size_t>(found - constants_.begin());
  if (found == constants_.end() || found->nearest > number) return position_before(index);
  const auto next = std::next(found);
  const bool is_alone = next == constants_.end() || next->nearest > number;
  if (!is_alone || !found->whole || std::abs(*found->whole) >= largest_exact) return std::nullopt;
  return position_of_constant(index);
}

StringScale::StringScale(std::vector<std::string> constants, bool is_ordered)
    : constants_(std::move(constants)), is_ordered_(is_ordered) {
  std::ranges::sort(constants_);
  constants_.erase(std::unique(constants_.begin(), constants_.end()), constants_.end());
  if (is_ordered_) return;
  for (std::uint32_t i = 0; i < constants_.size(); ++i) index_.emplace(constants_[i], i);
}

Position StringScale::position(std::string_view text) const noexcept {
  if (!is_ordered_) {
    const auto found = index_.find(text);
    return found == index_.end() ? 0 : position_of_constant(found->second);
  }
  const auto found = std::ranges::lower_bound(constants_, text);
  const auto index = static_cast<std::size_t>(found - constants_.begin());
  return found != constants_.end() && *found == text ? position_of_constant(index) : position_before(index);
}

}  // namespace leadscore::pg

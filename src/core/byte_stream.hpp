// Packed bytes: what the format of states is made of. Every value has exactly one form.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/evaluate.hpp"
#include "core/instant.hpp"

namespace leadscore {

// Signed integers with those near 0, of either sign, as the smallest.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63U);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value >> 1U ^ (0 - (value & 1U)));
}

// For differences that may be larger than a Duration.
[[nodiscard]] constexpr std::uint64_t bits_of(Instant at) noexcept {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

// Writes to a buffer with room for all that will be written.
class ByteWriter {
 public:
  explicit ByteWriter(std::size_t room) : bytes_(room) {}

  void byte(unsigned value) noexcept { bytes_[written_++] = static_cast<std::byte>(value); }
  // The lowest `size` bytes, the lowest first.
  void fixed(std::uint64_t value, std::size_t size) noexcept {
    for (std::size_t i = 0; i < size; ++i) byte(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  // Seven bits a byte, the lowest first; all but the last byte have their highest bit set.
  void natural(std::uint64_t value) noexcept {
    for (; value >= 0x80U; value >>= 7U) byte(static_cast<unsigned>(value & 0x7FU) | 0x80U);
    byte(static_cast<unsigned>(value));
  }
  void integer(std::int64_t value) noexcept { natural(zigzag(value)); }
  // The infinities, which are frequent, are the shortest.
  void instant(Instant value) noexcept { natural(zigzag(value.time_since_epoch().count()) + 2); }
  // By how much it comes before another one.
  void instant_before(Instant value, Instant other) noexcept {
    integer(static_cast<std::int64_t>(bits_of(other) - bits_of(value)));
  }
  // How many bytes of the eight follow, from the highest on; the others are zero. Small whole numbers have few.
  void number(double value) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const std::size_t zeros = bits == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(bits)) / 8;
    byte(static_cast<unsigned>(8 - zeros));
    fixed(zeros == 8 ? 0 : bits >> (8 * zeros), 8 - zeros);
  }

  [[nodiscard]] std::vector<std::byte> bytes() && {
    bytes_.resize(written_);
    return std::move(bytes_);
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t written_ = 0;
};

// Reads what ByteWriter has written. It trusts nothing: it throws InvalidState for any other form, and for values out of range.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  static void require(bool holds, const char *fault) {
    if (!holds) refuse(fault);
  }

  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

  [[nodiscard]] unsigned byte() {
    require(!bytes_.empty(), too_short);
    const auto value = std::to_integer<unsigned>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value;
  }
  [[nodiscard]] std::span<const std::byte> take(std::size_t size) {
    require(bytes_.size() >= size, too_short);
    const auto taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }
  [[nodiscard]] std::uint64_t fixed(std::size_t size) {
    std::uint64_t value = 0;
    std::size_t i = 0;
    for (const std::byte next : take(size)) value |= std::to_integer<std::uint64_t>(next) << (8 * i++);
    return value;
  }
  [[nodiscard]] std::uint64_t natural() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const unsigned next = byte();
      // The tenth byte holds the 64th bit alone; and no form ends with zeros that need not be.
      require(shift < 63 || next <= 1, "a number is too large for its place");
      require(next != 0 || shift == 0, "a number is longer than need be");
      value |= std::uint64_t{next & 0x7FU} << shift;
      if (next < 0x80U) return value;
    }
  }
  template <typename Integer>
  [[nodiscard]] Integer natural_as() {
    const std::uint64_t value = natural();
    require(value <= static_cast<std::uint64_t>(std::numeric_limits<Integer>::max()), "a number is too large for its place");
    return static_cast<Integer>(value);
  }
  template <typename Integer>
  [[nodiscard]] Integer integer_as() {
    const std::int64_t value = unzigzag(natural());
    require(value >= std::numeric_limits<Integer>::min() && value <= std::numeric_limits<Integer>::max(),
            "a number is too large for its place");
    return static_cast<Integer>(value);
  }
  [[nodiscard]] Instant instant() { return Instant(Duration(unzigzag(natural() - 2))); }
  [[nodiscard]] Instant instant_before(Instant other) {
    return Instant(Duration(static_cast<std::int64_t>(bits_of(other) - static_cast<std::uint64_t>(unzigzag(natural())))));
  }
  [[nodiscard]] double number() {
    const unsigned size = byte();
    require(size <= 8, "a number of more than eight bytes");
    const std::uint64_t bits = size == 0 ? 0 : fixed(size);
    require(size == 0 || (bits & 0xFFU) != 0, "a number is longer than need be");
    return checked(std::bit_cast<double>(size == 0 ? 0 : bits << (8 * (8 - size))));
  }
  [[nodiscard]] double nonzero() {
    const double value = number();
    require(value != 0, "an award or sum of 0");
    return value;
  }
  // An enumeration whose values go from 0 to `last`.
  template <typename Enumeration>
  [[nodiscard]] Enumeration enumeration(Enumeration last) {
    const unsigned value = byte();
    require(value <= static_cast<unsigned>(last), "an unknown kind of write, cause, adjustment or decay");
    return static_cast<Enumeration>(value);
  }

  [[nodiscard]] static double checked(double value) {
    require(std::fabs(value) <= largest_value, "a number is not finite, or too large");
    return value;
  }

 private:
  static constexpr const char *too_short = "its length does not agree with what it says it holds";

  [[noreturn]] static void refuse(const char *fault) { throw InvalidState(std::string("invalid state: ") + fault); }

  std::span<const std::byte> bytes_;
};

}  // namespace leadscore

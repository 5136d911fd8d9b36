// Sets of small numbers as bits, in words of 64.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace leadscore {

using Word = std::uint64_t;

inline constexpr std::uint32_t word_bits = 64;

[[nodiscard]] constexpr std::uint32_t word_of(std::uint32_t bit) noexcept { return bit / word_bits; }
[[nodiscard]] constexpr Word mask_of(std::uint32_t bit) noexcept { return Word{1} << (bit % word_bits); }
[[nodiscard]] constexpr std::uint32_t words_for(std::uint32_t bits) noexcept { return (bits + word_bits - 1) / word_bits; }

// Calls `visit(bit)` for each bit of the word of this index, in their order.
template <typename Visit>
constexpr void for_each_bit(Word word, std::size_t index, const Visit &visit) {
  for (; word != 0; word &= word - 1) visit(index * word_bits + static_cast<std::size_t>(std::countr_zero(word)));
}

}  // namespace leadscore

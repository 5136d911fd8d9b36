#include "core/answers_codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace leadscore {

namespace {

void require(bool holds, const char *fault) { ByteReader::require(holds, fault); }

constexpr std::size_t bits_of_byte = 8;

std::size_t bytes_for(std::size_t count, std::size_t bits) noexcept { return (count * bits + bits_of_byte - 1) / bits_of_byte; }

// The answers of each byte.
template <unsigned bits>
constexpr auto answers_by_byte = [] {
  constexpr std::size_t count = bits_of_byte / bits;
  std::array<std::array<Answer, count>, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t value = byte >> (bits * i) & ((1U << bits) - 1);
      table[byte][i] = bits == 2 ? static_cast<Answer>(value) : value == 1 ? Answer::is_true : Answer::is_false;
    }
  }
  return table;
}();

template <unsigned bits>
void unpack_answers(std::span<const std::byte> packed, std::size_t count, std::vector<Answer> &answers) {
  constexpr std::size_t answers_per_byte = bits_of_byte / bits;
  answers.resize(packed.size() * answers_per_byte);
  auto next = answers.begin();
  for (const std::byte byte : packed) next = std::ranges::copy(answers_by_byte<bits>[std::to_integer<std::size_t>(byte)], next).out;
  const Answer filling = bits == 2 ? Answer::unknown : Answer::is_false;
  const auto end = answers.begin() + static_cast<std::ptrdiff_t>(count);
  require(std::all_of(end, answers.end(), [](Answer answer) { return answer == filling; }), "reserved bits are not zero");
  answers.resize(count);
}

void read_two_bits(ByteReader &in, std::size_t count, std::vector<Answer> &answers) {
  require(count / 4 <= in.left(), "its length does not agree with what it says it holds");
  unpack_answers<2>(in.take(bytes_for(count, 2)), count, answers);
  require(std::ranges::all_of(answers, [](Answer answer) { return answer <= Answer::is_true; }), "an unknown answer");
  require(takes_two_bits(count, count_unknown(answers)), "answers that take more bits than need be");
}

void read_one_bit(ByteReader &in, std::size_t count, std::vector<Answer> &answers) {
  const auto unknown = in.natural_as<std::size_t>();
  require(count / bits_of_byte <= in.left(), "its length does not agree with what it says it holds");
  require(!takes_two_bits(count, unknown), "more unknown answers than are listed one by one");
  const ByteReader list = in;
  for (std::size_t i = 0; i < unknown; ++i) static_cast<void>(in.natural());
  unpack_answers<1>(in.take(bytes_for(count, 1)), count, answers);
  ByteReader gaps = list;
  std::size_t next = 0;
  for (std::size_t i = 0; i < unknown; ++i) {
    const std::uint64_t gap = gaps.natural();
    require(gap < count - std::min(next, count), "an answer that does not exist");
    next += gap;
    require(answers[next] == Answer::is_false, "an answer that is both true and unknown");
    answers[next++] = Answer::unknown;
  }
}

}  // namespace

bool takes_two_bits(std::size_t count, std::size_t unknown) noexcept { return unknown > count / bits_of_byte; }

std::size_t count_unknown(const std::vector<Answer> &answers) noexcept {
  return static_cast<std::size_t>(std::ranges::count(answers, Answer::unknown));
}

void write_answers(ByteWriter &out, const std::vector<Answer> &answers, std::size_t unknown) {
  const bool is_wide = takes_two_bits(answers.size(), unknown);
  const unsigned bits = is_wide ? 2 : 1;
  out.natural(answers.size());
  if (!is_wide) {
    out.natural(unknown);
    std::size_t last = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i] == Answer::unknown) out.natural(i - std::exchange(last, i + 1));
    }
  }
  unsigned packed = 0;
  unsigned used = 0;
  for (const Answer answer : answers) {
    const unsigned value = is_wide ? static_cast<unsigned>(answer) : static_cast<unsigned>(answer == Answer::is_true);
    packed |= value << used;
    used += bits;
    if (used < bits_of_byte) continue;
    out.byte(std::exchange(packed, 0U));
    used = 0;
  }
  if (used > 0) out.byte(packed);
}

void read_answers(ByteReader &in, bool is_wide, std::vector<Answer> &answers) {
  const auto count = in.natural_as<std::size_t>();
  require(count > 0, "no answers about a lead that was seen");
  if (is_wide)
    read_two_bits(in, count, answers);
  else
    read_one_bit(in, count, answers);
}

}  // namespace leadscore

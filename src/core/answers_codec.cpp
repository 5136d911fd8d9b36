#include "core/answers_codec.hpp"

#include <algorithm>
#include <utility>

namespace leadscore {

namespace {

void require(bool holds, const char *fault) { ByteReader::require(holds, fault); }

constexpr std::size_t bits_of_byte = 8;
constexpr std::size_t pairs_of_byte = 4;

std::size_t bytes_for(std::size_t count, std::size_t per_byte) noexcept { return (count + per_byte - 1) / per_byte; }

// Calls `visit(gap)` for each unknown answer, in their order: so many lie between it and the one before.
template <typename Visit>
void for_each_unknown(const Answers &answers, const Visit &visit) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < answers.is_unknown().size(); ++i)
    for_each_bit(answers.is_unknown()[i], i, [&](std::size_t index) { visit(index - std::exchange(next, index + 1)); });
}

void write_two_bits(ByteWriter &out, const Answers &answers) {
  for (std::size_t first = 0; first < answers.size(); first += pairs_of_byte) {
    unsigned packed = 0;
    for (std::size_t i = first; i < std::min(first + pairs_of_byte, answers.size()); ++i)
      packed |= static_cast<unsigned>(answers[i]) << (2 * (i - first));
    out.byte(packed);
  }
}

void read_two_bits(ByteReader &in, std::size_t count, Answers &answers) {
  require(count / pairs_of_byte <= in.left(), "its length does not agree with what it says it holds");
  const std::span<const std::byte> packed = in.take(bytes_for(count, pairs_of_byte));
  answers.start(count);
  for (std::size_t i = 0; i < packed.size() * pairs_of_byte; ++i) {
    const unsigned value = std::to_integer<unsigned>(packed[i / pairs_of_byte]) >> (2 * (i % pairs_of_byte)) & 3U;
    if (i < count) {
      require(value <= static_cast<unsigned>(Answer::is_true), "an unknown answer");
      answers.set(i, static_cast<Answer>(value));
    } else {
      require(value == 0, "reserved bits are not zero");
    }
  }
  require(takes_two_bits(count, answers.count_unknown()), "answers that take more bits than need be");
}

void read_one_bit(ByteReader &in, std::size_t count, Answers &answers) {
  const auto unknown = in.natural_as<std::size_t>();
  require(count / bits_of_byte <= in.left(), "its length does not agree with what it says it holds");
  require(!takes_two_bits(count, unknown), "more unknown answers than are listed one by one");
  const ByteReader list = in;
  for (std::size_t i = 0; i < unknown; ++i) static_cast<void>(in.natural());
  const std::span<const std::byte> packed = in.take(bytes_for(count, bits_of_byte));
  const bool has_reserved = count % bits_of_byte != 0;
  require(!has_reserved || std::to_integer<unsigned>(packed.back()) >> (count % bits_of_byte) == 0, "reserved bits are not zero");
  answers.start(count);
  for (std::size_t i = 0; i < packed.size(); ++i) answers.set_eight_truths(i, std::to_integer<std::uint8_t>(packed[i]));
  ByteReader gaps = list;
  std::size_t next = 0;
  for (std::size_t i = 0; i < unknown; ++i) {
    const std::uint64_t gap = gaps.natural();
    require(gap < count - std::min(next, count), "an answer that does not exist");
    next += gap;
    require(answers[next] == Answer::is_false, "an answer that is both true and unknown");
    answers.set(next++, Answer::unknown);
  }
}

}  // namespace

bool takes_two_bits(std::size_t count, std::size_t unknown) noexcept { return unknown > count / bits_of_byte; }

void write_answers(ByteWriter &out, const Answers &answers) {
  const std::size_t unknown = answers.count_unknown();
  out.natural(answers.size());
  if (takes_two_bits(answers.size(), unknown)) return write_two_bits(out, answers);
  out.natural(unknown);
  for_each_unknown(answers, [&out](std::size_t gap) { out.natural(gap); });
  for (std::size_t i = 0; i < bytes_for(answers.size(), bits_of_byte); ++i) out.byte(answers.eight_truths(i));
}

void read_answers(ByteReader &in, bool is_wide, Answers &answers) {
  const auto count = in.natural_as<std::size_t>();
  require(count > 0, "no answers about a lead that was seen");
  if (is_wide)
    read_two_bits(in, count, answers);
  else
    read_one_bit(in, count, answers);
}

}  // namespace leadscore

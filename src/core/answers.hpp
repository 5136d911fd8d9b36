// What a lead's row answers to the conditions of a model: three-valued truths, two bits each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "core/bits.hpp"

namespace leadscore {

// A three-valued truth. The order is the one `merge` uses: who knows more wins, and true wins over false.
enum class Answer : std::uint8_t { unknown, is_false, is_true };

class Answers {
 public:
  Answers() = default;
  Answers(std::initializer_list<Answer> answers) : Answers(std::span(answers.begin(), answers.size())) {}
  explicit Answers(std::span<const Answer> answers);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] Answer operator[](std::size_t index) const noexcept {
    const auto bit = static_cast<std::uint32_t>(index);
    if ((is_true_[word_of(bit)] & mask_of(bit)) != 0) return Answer::is_true;
    return (is_unknown_[word_of(bit)] & mask_of(bit)) != 0 ? Answer::unknown : Answer::is_false;
  }
  // A bit an answer; those behind the last one are 0.
  [[nodiscard]] std::span<const Word> is_true() const noexcept { return is_true_; }
  [[nodiscard]] std::span<const Word> is_unknown() const noexcept { return is_unknown_; }
  [[nodiscard]] std::size_t count_unknown() const noexcept;

  // So many answers, all of them false. Their memory is used again.
  void start(std::size_t size);
  void set(std::size_t index, Answer answer) noexcept;
  // So many answers: true where a bit of `met` is set, false where one of `failed` is, else unknown.
  void assign(std::size_t size, std::span<const Word> met, std::span<const Word> failed);
  void clear() noexcept;
  // Of as many: each answer becomes the one that comes later in the order of Answer.
  void merge(const Answers &other) noexcept;

  // The truths of the eight answers from 8 * `index` on, as bits.
  [[nodiscard]] std::uint8_t eight_truths(std::size_t index) const noexcept {
    return static_cast<std::uint8_t>(is_true_[index / bytes_per_word] >> (8 * (index % bytes_per_word)));
  }
  // The same for answers that are still false; no bits for answers that do not exist.
  void set_eight_truths(std::size_t index, std::uint8_t truths) noexcept {
    is_true_[index / bytes_per_word] |= Word{truths} << (8 * (index % bytes_per_word));
  }

  friend bool operator==(const Answers &, const Answers &) = default;

 private:
  static constexpr std::size_t bytes_per_word = word_bits / 8;

  std::size_t size_ = 0;
  std::vector<Word> is_true_;
  std::vector<Word> is_unknown_;
};

}  // namespace leadscore

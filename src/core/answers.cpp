#include "core/answers.hpp"

#include <bit>

namespace leadscore {

Answers::Answers(std::span<const Answer> answers) {
  start(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) set(i, answers[i]);
}

std::size_t Answers::count_unknown() const noexcept {
  std::size_t count = 0;
  for (const Word word : is_unknown_) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

void Answers::start(std::size_t size) {
  size_ = size;
  const std::uint32_t words = words_for(static_cast<std::uint32_t>(size));
  is_true_.assign(words, 0);
  is_unknown_.assign(words, 0);
}

void Answers::set(std::size_t index, Answer answer) noexcept {
  const auto bit = static_cast<std::uint32_t>(index);
  is_true_[word_of(bit)] &= ~mask_of(bit);
  is_unknown_[word_of(bit)] &= ~mask_of(bit);
  if (answer == Answer::is_true) is_true_[word_of(bit)] |= mask_of(bit);
  if (answer == Answer::unknown) is_unknown_[word_of(bit)] |= mask_of(bit);
}

void Answers::assign(std::size_t size, std::span<const Word> met, std::span<const Word> failed) {
  start(size);
  for (std::size_t i = 0; i < is_true_.size(); ++i) {
    const bool is_whole = (i + 1) * word_bits <= size;
    const Word existing = is_whole ? ~Word{0} : mask_of(static_cast<std::uint32_t>(size)) - 1;
    is_true_[i] = met[i] & existing;
    is_unknown_[i] = ~(met[i] | failed[i]) & existing;
  }
}

void Answers::clear() noexcept {
  size_ = 0;
  is_true_.clear();
  is_unknown_.clear();
}

void Answers::merge(const Answers &other) noexcept {
  for (std::size_t i = 0; i < is_true_.size(); ++i) {
    is_true_[i] |= other.is_true_[i];
    is_unknown_[i] &= other.is_unknown_[i];
  }
}

}  // namespace leadscore

#include "core/truth_table.hpp"

#include <algorithm>

namespace leadscore {

namespace {

// So many words are kept as a whole before only changes are: 256 kB.
constexpr std::size_t most_words = std::size_t{32} * 1024;

struct Turn {
  Position position = 0;
  std::uint32_t word = 0;
  Word mask = 0;
};

// Spans of one operand may touch or overlap: the positions at which its truth turns, from false at the beginning.
std::vector<Position> turns_of(const TruthTable::Entry &entry) {
  if (entry.otherwise == Answer::is_true) return {0};
  std::vector<PositionSpan> spans = entry.is_true_in;
  std::ranges::sort(spans, {}, &PositionSpan::first);
  std::vector<Position> turns;
  for (const PositionSpan &span : spans) {
    if (span.first >= span.last) continue;
    if (!turns.empty() && span.first <= turns.back())
      turns.back() = std::max(turns.back(), span.last);
    else
      turns.insert(turns.end(), {span.first, span.last});
  }
  return turns;
}

}  // namespace

TruthTable::TruthTable(std::span<const Entry> entries) {
  for (const Entry &entry : entries) words_.push_back(word_of(entry.operand));
  std::ranges::sort(words_);
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
  unknown_.assign(words_.size(), 0);
  std::vector<Turn> turns;
  for (const Entry &entry : entries) {
    const auto word = static_cast<std::uint32_t>(std::ranges::lower_bound(words_, word_of(entry.operand)) - words_.begin());
    const Word mask = mask_of(entry.operand);
    if (entry.otherwise == Answer::unknown) unknown_[word] |= mask;
    for (const Position position : turns_of(entry)) turns.push_back({.position = position, .word = word, .mask = mask});
  }
  std::ranges::sort(turns, {}, &Turn::position);
  last_ = turns.empty() ? 0 : turns.back().position;
  const std::size_t positions = std::size_t{last_} + 1;
  stride_ = static_cast<Position>(std::max<std::size_t>(1, positions * words_.size() / most_words));
  std::vector<Word> current(words_.size(), 0);
  auto turn = turns.begin();
  first_change_.reserve(positions + 1);
  for (Position position = 0; position <= last_; ++position) {
    first_change_.push_back(static_cast<std::uint32_t>(changes_.size()));
    for (; turn != turns.end() && turn->position == position; ++turn) {
      current[turn->word] ^= turn->mask;
      changes_.push_back({.word = turn->word, .mask = turn->mask});
    }
    if (position % stride_ == 0) kept_.insert(kept_.end(), current.begin(), current.end());
  }
  first_change_.push_back(static_cast<std::uint32_t>(changes_.size()));
  if (stride_ > 1) return;
  changes_.clear();
  first_change_.clear();
}

void TruthTable::add(Position position, std::span<Word> is_true, std::span<Word> is_unknown,
                     std::span<Word> buffer) const noexcept {
  const std::size_t count = words_.size();
  if (count == 0) return;
  for (std::size_t i = 0; i < count; ++i) is_unknown[words_[i]] |= unknown_[i];
  position = std::min(position, last_);
  const Word *whole = kept_.data() + std::size_t{position / stride_} * count;
  if (stride_ > 1 && position % stride_ != 0) {
    std::copy_n(whole, count, buffer.data());
    const std::uint32_t end = first_change_[position + 1];
    for (std::uint32_t i = first_change_[position / stride_ * stride_ + 1]; i < end; ++i) {
      buffer[changes_[i].word] ^= changes_[i].mask;
    }
    whole = buffer.data();
  }
  for (std::size_t i = 0; i < count; ++i) is_true[words_[i]] |= whole[i];
}

}  // namespace leadscore

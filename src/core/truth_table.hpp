// Which tests of a place are true, and which unknown, of an item of one type, by its position.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/bits.hpp"
#include "core/condition.hpp"

namespace leadscore {

// A bit of the sets below.
using OperandIndex = std::uint32_t;

// Looking an item up costs the words that the place's operands lie in, whatever the number of constants. What is true changes
// little from one position to the next, so with many positions only every n-th is kept as a whole and the changes in between.
class TruthTable {
 public:
  TruthTable() = default;

  // An operand and what its test says of items of this table's type.
  struct Entry {
    OperandIndex operand = 0;
    Answer otherwise = Answer::is_false;
    std::vector<PositionSpan> is_true_in;  // of this type
  };
  explicit TruthTable(std::span<const Entry> entries);

  // Adds what is true and unknown of an item at `position` to the two sets of operands. `buffer` has room for as many words.
  void add(Position position, std::span<Word> is_true, std::span<Word> is_unknown, std::span<Word> buffer) const noexcept;

 private:
  struct Change {
    std::uint32_t word = 0;  // as an index of words_
    Word mask = 0;
  };

  std::vector<std::uint32_t> words_;         // those that this table says anything of
  std::vector<Word> unknown_;                // by word, whatever the position
  Position last_ = 0;                        // nothing changes after it
  Position stride_ = 1;                      // from one position that is kept as a whole to the next
  std::vector<Word> kept_;                   // what is true at these, all words of one after the other
  std::vector<Change> changes_;              // from each position's predecessor
  std::vector<std::uint32_t> first_change_;  // of each position; and the end
};

}  // namespace leadscore

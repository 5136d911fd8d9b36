// Many conditions asked of one row at once: what is found at a place answers every test of that place in one step, and the
// conditions follow from their tests word by word, 64 at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/condition.hpp"
#include "core/truth_table.hpp"

namespace leadscore {

class ConditionSet {
 public:
  // What is known of a row so far. Its memory is used again for the next row.
  struct Truths {
    std::vector<Word> is_true;     // by operand
    std::vector<Word> is_unknown;  // likewise; what is true counts as true
    std::vector<Word> met;         // by condition: after `conclude`
    std::vector<Word> failed;
    std::vector<Word> buffer;
    std::vector<Answer> stack;
  };

  // `conditions` without a value are left to somebody else: see `set`.
  ConditionSet(std::span<const std::optional<Condition>> conditions, std::span<const ItemTest> tests, PlaceIndex places);

  [[nodiscard]] std::size_t size() const noexcept { return condition_count_; }

  // Begins with a row none of whose items has been seen.
  void start(Truths &truths) const;
  // An item was found at a place.
  void add_item(PlaceIndex place, ItemType type, Position position, Truths &truths) const noexcept;
  // A test is true of an item, which its spans do not tell.
  void add_true(TestIndex test, Truths &truths) const noexcept;
  // Everything has been added: finds out which conditions are met (true) and which have failed (false).
  void conclude(Truths &truths) const;
  // A place could not be read: every condition that asks about it is unknown, whatever it asks; after `conclude`.
  void withdraw(PlaceIndex place, Truths &truths) const noexcept;
  // Says what a condition without a value is; after `conclude`.
  static void set(std::size_t condition, Answer answer, Truths &truths) noexcept;
  // The answers to all conditions.
  void write_answers(const Truths &truths, Answers &answers) const { answers.assign(condition_count_, truths.met, truths.failed); }

  // Calls `visit(index)` for each condition that is met, in their order.
  template <typename Visit>
  static void for_each_met(const Truths &truths, const Visit &visit) {
    for (std::size_t i = 0; i < truths.met.size(); ++i) for_each_bit(truths.met[i], i, visit);
  }

 private:
  // What a condition asks of a test: its truth, or whether it is unknown, or the contrary of that.
  struct Literal {
    TestIndex test = 0;
    bool is_negated = false;
    bool asks_unknown = false;
  };
  // Literals of which all, or any, must be true.
  struct Flat {
    std::optional<Condition::Kind> kind;
    std::vector<Literal> literals;
  };
  // A step of a condition that is no Flat, on a stack of answers.
  struct Step {
    Condition::Kind kind = Condition::Kind::test;
    std::uint32_t operand = 0;  // of a test; else how many answers it takes
  };
  struct Tree {
    std::uint32_t condition = 0;
    std::vector<Step> steps;
  };
  using Tables = std::array<TruthTable, item_type_count>;

  static bool flatten(const Condition &condition, bool is_negated, Flat &flat);
  void place_flat(std::uint32_t condition, const Flat &flat);
  void add_steps(const Condition &condition, std::vector<Step> &steps);
  OperandIndex new_operand(TestIndex test);
  void build_tables(std::span<const ItemTest> tests, PlaceIndex places);
  void note_places(std::uint32_t index, const Condition &condition, std::span<const ItemTest> tests);
  [[nodiscard]] Answer answer(const Tree &tree, Truths &truths) const;

  std::size_t condition_count_ = 0;
  std::uint32_t condition_words_ = 0;
  std::uint32_t layers_ = 0;                         // the most literals of a flat condition
  OperandIndex operand_count_ = 0;                   // the layers' bits, then those of trees
  std::vector<std::vector<OperandIndex>> operands_;  // by test
  std::vector<Word> sure_;                           // operands that are there to be true: the layers that a condition leaves free
  std::vector<Word> negated_;                        // by operand, of the layers
  std::vector<Word> asks_unknown_;                   // likewise
  std::vector<Word> takes_all_;                      // by condition
  std::vector<Word> is_flat_;                        // by condition
  std::vector<Tree> trees_;
  std::vector<std::vector<Word>> asked_by_;  // by place: the conditions that ask about it
  std::vector<Tables> tables_;               // by place
};

}  // namespace leadscore

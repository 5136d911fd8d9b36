#include "core/condition_set.hpp"

#include <algorithm>

namespace leadscore {

namespace {

// A condition of more literals is evaluated step by step, so that one long list does not make the row of all conditions long.
constexpr std::size_t most_layers = 8;

Answer negation(Answer answer) noexcept {
  if (answer == Answer::unknown) return Answer::unknown;
  return answer == Answer::is_true ? Answer::is_false : Answer::is_true;
}

// In the order false, unknown, true: `all` is the least, `any` the greatest.
int rank(Answer answer) noexcept {
  if (answer == Answer::unknown) return 1;
  return answer == Answer::is_true ? 2 : 0;
}

Answer combination(Condition::Kind kind, std::span<const Answer> answers) noexcept {
  switch (kind) {
    case Condition::Kind::all:
      return std::ranges::min(answers, {}, rank);
    case Condition::Kind::any:
      return std::ranges::max(answers, {}, rank);
    case Condition::Kind::negation:
      return negation(answers.front());
    case Condition::Kind::is_unknown:
      return answers.front() == Answer::unknown ? Answer::is_true : Answer::is_false;
    case Condition::Kind::test:
      break;
  }
  return Answer::unknown;
}

void set_bit(std::vector<Word> &words, std::uint32_t bit) {
  if (words.size() <= word_of(bit)) words.resize(word_of(bit) + 1, 0);
  words[word_of(bit)] |= mask_of(bit);
}

bool has_bit(std::span<const Word> words, std::uint32_t bit) noexcept { return (words[word_of(bit)] & mask_of(bit)) != 0; }

}  // namespace

ConditionSet::ConditionSet(std::span<const std::optional<Condition>> conditions, std::span<const ItemTest> tests, PlaceIndex places)
    : condition_count_(conditions.size()),
      condition_words_(words_for(static_cast<std::uint32_t>(conditions.size()))),
      operands_(tests.size()) {
  std::vector<std::optional<Flat>> flats(conditions.size());
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    Flat flat;
    if (!conditions[i] || !flatten(*conditions[i], false, flat) || flat.literals.size() > most_layers) continue;
    layers_ = std::max(layers_, static_cast<std::uint32_t>(flat.literals.size()));
    flats[i] = std::move(flat);
  }
  operand_count_ = layers_ * condition_words_ * word_bits;
  for (auto *words : {&sure_, &negated_, &asks_unknown_}) words->assign(std::size_t{layers_} * condition_words_, 0);
  for (auto *words : {&takes_all_, &is_flat_}) words->assign(condition_words_, 0);
  for (std::uint32_t i = 0; i < conditions.size(); ++i) {
    if (flats[i]) {
      place_flat(i, *flats[i]);
    } else if (conditions[i]) {
      trees_.push_back({.condition = i, .steps = {}});
      add_steps(*conditions[i], trees_.back().steps);
    }
  }
  build_tables(tests, places);
  asked_by_.assign(places, std::vector<Word>(condition_words_, 0));
  for (std::uint32_t i = 0; i < conditions.size(); ++i)
    if (conditions[i]) note_places(i, *conditions[i], tests);
}

void ConditionSet::note_places(std::uint32_t index, const Condition &condition, std::span<const ItemTest> tests) {
  if (condition.kind == Condition::Kind::test) set_bit(asked_by_[tests[condition.test].place], index);
  for (const Condition &operand : condition.operands) note_places(index, operand, tests);
}

// Negations go down to the tests; what then is one `all` or one `any` of tests is flat.
bool ConditionSet::flatten(const Condition &condition, bool is_negated, Flat &flat) {
  switch (condition.kind) {
    case Condition::Kind::test:
      flat.literals.push_back({.test = condition.test, .is_negated = is_negated});
      return true;
    case Condition::Kind::negation:
      return flatten(condition.operands.front(), !is_negated, flat);
    case Condition::Kind::is_unknown:
      if (condition.operands.front().kind != Condition::Kind::test) return false;
      flat.literals.push_back({.test = condition.operands.front().test, .is_negated = is_negated, .asks_unknown = true});
      return true;
    case Condition::Kind::all:
    case Condition::Kind::any:
      break;
  }
  const bool takes_all = (condition.kind == Condition::Kind::all) != is_negated;
  const Condition::Kind kind = takes_all ? Condition::Kind::all : Condition::Kind::any;
  if (flat.kind.value_or(kind) != kind) return false;
  flat.kind = kind;
  return std::ranges::all_of(condition.operands, [&](const Condition &operand) { return flatten(operand, is_negated, flat); });
}

void ConditionSet::place_flat(std::uint32_t condition, const Flat &flat) {
  set_bit(is_flat_, condition);
  const bool takes_all = flat.kind != Condition::Kind::any;
  if (takes_all) set_bit(takes_all_, condition);
  for (std::uint32_t layer = 0; layer < layers_; ++layer) {
    const OperandIndex operand = layer * condition_words_ * word_bits + condition;
    if (layer >= flat.literals.size()) {
      if (takes_all) set_bit(sure_, operand);
      continue;
    }
    const Literal &literal = flat.literals[layer];
    operands_[literal.test].push_back(operand);
    if (literal.is_negated) set_bit(negated_, operand);
    if (literal.asks_unknown) set_bit(asks_unknown_, operand);
  }
}

void ConditionSet::add_steps(const Condition &condition, std::vector<Step> &steps) {
  for (const Condition &operand : condition.operands) add_steps(operand, steps);
  const bool is_test = condition.kind == Condition::Kind::test;
  steps.push_back({.kind = condition.kind,
                   .operand = is_test ? new_operand(condition.test) : static_cast<std::uint32_t>(condition.operands.size())});
}

OperandIndex ConditionSet::new_operand(TestIndex test) {
  operands_[test].push_back(operand_count_);
  return operand_count_++;
}

void ConditionSet::build_tables(std::span<const ItemTest> tests, PlaceIndex places) {
  std::vector<std::vector<TestIndex>> by_place(places);
  for (TestIndex i = 0; i < tests.size(); ++i) by_place[tests[i].place].push_back(i);
  tables_.resize(places);
  for (PlaceIndex place = 0; place < places; ++place) {
    for (std::size_t type = 0; type < item_type_count; ++type) {
      std::vector<TruthTable::Entry> entries;
      for (const TestIndex index : by_place[place]) {
        const ItemTest &test = tests[index];
        std::vector<PositionSpan> spans;
        std::ranges::copy_if(test.is_true_in, std::back_inserter(spans),
                             [type](const PositionSpan &span) { return span.type == static_cast<ItemType>(type); });
        for (const OperandIndex operand : operands_[index])
          entries.push_back({.operand = operand, .otherwise = test.otherwise[type], .is_true_in = spans});
      }
      tables_[place][type] = TruthTable(entries);
    }
  }
}

void ConditionSet::start(Truths &truths) const {
  const std::size_t words = words_for(operand_count_);
  truths.is_true.assign(words, 0);
  std::ranges::copy(sure_, truths.is_true.begin());
  truths.is_unknown.assign(words, 0);
  truths.buffer.resize(words);
}

void ConditionSet::add_item(PlaceIndex place, ItemType type, Position position, Truths &truths) const noexcept {
  tables_[place][static_cast<std::size_t>(type)].add(position, truths.is_true, truths.is_unknown, truths.buffer);
}

void ConditionSet::add_true(TestIndex test, Truths &truths) const noexcept {
  for (const OperandIndex operand : operands_[test]) truths.is_true[word_of(operand)] |= mask_of(operand);
}

void ConditionSet::conclude(Truths &truths) const {
  truths.met.resize(condition_words_);
  truths.failed.resize(condition_words_);
  for (std::uint32_t i = 0; i < condition_words_; ++i) {
    Word all_true = ~Word{0};
    Word all_false = 0;
    Word any_true = 0;
    Word any_false = ~Word{0};
    for (std::uint32_t layer = 0; layer < layers_; ++layer) {
      const std::size_t k = std::size_t{layer} * condition_words_ + i;
      const Word test_true = truths.is_true[k];
      const Word test_unknown = truths.is_unknown[k] & ~test_true;
      const Word is_true = (test_true & ~asks_unknown_[k]) | (test_unknown & asks_unknown_[k]);
      const Word is_false = ~(is_true | (test_unknown & ~asks_unknown_[k]));
      const Word literal_true = (is_true & ~negated_[k]) | (is_false & negated_[k]);
      const Word literal_false = (is_false & ~negated_[k]) | (is_true & negated_[k]);
      all_true &= literal_true;
      all_false |= literal_false;
      any_true |= literal_true;
      any_false &= literal_false;
    }
    truths.met[i] = ((all_true & takes_all_[i]) | (any_true & ~takes_all_[i])) & is_flat_[i];
    truths.failed[i] = ((all_false & takes_all_[i]) | (any_false & ~takes_all_[i])) & is_flat_[i];
  }
  for (const Tree &tree : trees_) set(tree.condition, answer(tree, truths), truths);
}

Answer ConditionSet::answer(const Tree &tree, Truths &truths) const {
  std::vector<Answer> &stack = truths.stack;
  stack.clear();
  for (const Step &step : tree.steps) {
    if (step.kind == Condition::Kind::test) {
      const bool is_true = has_bit(truths.is_true, step.operand);
      const bool is_unknown = has_bit(truths.is_unknown, step.operand);
      stack.push_back(is_true ? Answer::is_true : is_unknown ? Answer::unknown : Answer::is_false);
      continue;
    }
    const std::size_t first = stack.size() - step.operand;
    const Answer result = combination(step.kind, std::span(stack).subspan(first));
    stack.resize(first);
    stack.push_back(result);
  }
  return stack.back();
}

void ConditionSet::withdraw(PlaceIndex place, Truths &truths) const noexcept {
  for (std::uint32_t i = 0; i < condition_words_; ++i) {
    truths.met[i] &= ~asked_by_[place][i];
    truths.failed[i] &= ~asked_by_[place][i];
  }
}

void ConditionSet::set(std::size_t condition, Answer answer, Truths &truths) noexcept {
  const auto bit = static_cast<std::uint32_t>(condition);
  if (answer == Answer::is_true) truths.met[word_of(bit)] |= mask_of(bit);
  if (answer == Answer::is_false) truths.failed[word_of(bit)] |= mask_of(bit);
}

}  // namespace leadscore

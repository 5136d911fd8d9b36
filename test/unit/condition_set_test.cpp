// Many conditions at once answer what each answers by itself.
#include "core/condition_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

namespace leadscore::test {
namespace {

struct Item {
  PlaceIndex place = 0;
  ItemType type = ItemType::null;
  Position position = 0;
};

// What the definitions of condition.hpp say, word for word.
Answer answer_of(const ItemTest &test, const std::vector<Item> &items) {
  bool is_unknown = false;
  for (const Item &item : items) {
    if (item.place != test.place) continue;
    const Answer otherwise = test.otherwise[static_cast<std::size_t>(item.type)];
    const bool is_inside = std::ranges::any_of(test.is_true_in, [&](const PositionSpan &span) {
      return span.type == item.type && item.position >= span.first && item.position < span.last;
    });
    if (is_inside || otherwise == Answer::is_true) return Answer::is_true;
    is_unknown = is_unknown || otherwise == Answer::unknown;
  }
  return is_unknown ? Answer::unknown : Answer::is_false;
}

Answer answer_of(const Condition &condition, const std::vector<ItemTest> &tests, const std::vector<Item> &items) {
  if (condition.kind == Condition::Kind::test) return answer_of(tests[condition.test], items);
  std::vector<Answer> answers;
  for (const Condition &operand : condition.operands) answers.push_back(answer_of(operand, tests, items));
  const auto has = [&](Answer answer) { return std::ranges::find(answers, answer) != answers.end(); };
  switch (condition.kind) {
    case Condition::Kind::all:
      if (has(Answer::is_false)) return Answer::is_false;
      return has(Answer::unknown) ? Answer::unknown : Answer::is_true;
    case Condition::Kind::any:
      if (has(Answer::is_true)) return Answer::is_true;
      return has(Answer::unknown) ? Answer::unknown : Answer::is_false;
    case Condition::Kind::is_unknown:
      return has(Answer::unknown) ? Answer::is_true : Answer::is_false;
    default:
      if (has(Answer::unknown)) return Answer::unknown;
      return has(Answer::is_true) ? Answer::is_false : Answer::is_true;
  }
}

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t sides) { return std::uniform_int_distribution<std::uint32_t>(0, sides - 1)(engine_); }

 private:
  std::mt19937 engine_;
};

constexpr PlaceIndex places = 4;
constexpr Position positions = 300;

ItemType random_type(Dice &dice) { return static_cast<ItemType>(dice.below(item_type_count)); }

ItemTest random_test(Dice &dice) {
  ItemTest test{.place = dice.below(places), .otherwise = {}, .is_true_in = {}};
  for (Answer &answer : test.otherwise) answer = static_cast<Answer>(dice.below(8) == 0 ? 2 : dice.below(2));
  for (std::uint32_t i = dice.below(4); i > 0; --i) {
    const Position first = dice.below(positions);
    test.is_true_in.push_back({.type = random_type(dice), .first = first, .last = first + dice.below(20)});
  }
  return test;
}

Condition random_condition(Dice &dice, std::uint32_t tests, int depth) {
  using Kind = Condition::Kind;
  const Kind kind = depth == 0 ? Kind::test : static_cast<Kind>(dice.below(5));
  if (kind == Kind::test) return {.kind = kind, .test = dice.below(tests)};
  Condition condition{.kind = kind};
  const bool is_unary = kind == Kind::negation || kind == Kind::is_unknown;
  for (std::uint32_t i = is_unary ? 1 : 1 + dice.below(4); i > 0; --i)
    condition.operands.push_back(random_condition(dice, tests, depth - 1));
  return condition;
}

void expect_same_answers(std::uint32_t seed, std::uint32_t condition_count) {
  Dice dice(seed);
  std::vector<ItemTest> tests;
  for (std::uint32_t i = 0; i < condition_count; ++i) tests.push_back(random_test(dice));
  std::vector<std::optional<Condition>> conditions;
  for (std::uint32_t i = 0; i < condition_count; ++i) {
    const int depth = static_cast<int>(dice.below(4));
    if (dice.below(10) == 0)
      conditions.emplace_back();
    else
      conditions.emplace_back(random_condition(dice, static_cast<std::uint32_t>(tests.size()), depth));
  }
  const ConditionSet set(conditions, tests, places);
  ConditionSet::Truths truths;
  for (int row = 0; row < 20; ++row) {
    std::vector<Item> items;
    for (std::uint32_t i = dice.below(6); i > 0; --i)
      items.push_back({.place = dice.below(places), .type = random_type(dice), .position = dice.below(positions + 30)});
    set.start(truths);
    for (const Item &item : items) set.add_item(item.place, item.type, item.position, truths);
    set.conclude(truths);
    for (std::size_t i = 0; i < conditions.size(); ++i)
      if (!conditions[i]) ConditionSet::set(i, static_cast<Answer>(i % 3), truths);
    Answers answers;
    set.write_answers(truths, answers);
    std::vector<std::size_t> met;
    ConditionSet::for_each_met(truths, [&met](std::size_t index) { met.push_back(index); });
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      const Answer expected = conditions[i] ? answer_of(*conditions[i], tests, items) : static_cast<Answer>(i % 3);
      ASSERT_EQ(answers[i], expected) << "seed " << seed << ", row " << row << ", condition " << i;
      ASSERT_EQ(std::ranges::find(met, i) != met.end(), expected == Answer::is_true);
    }
  }
}

TEST(ConditionSet, AnswersWhatEachConditionAnswersByItself) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) expect_same_answers(seed, 1 + seed * 3);
}

// So many that truths are kept as changes from one position to the next.
TEST(ConditionSet, AnswersTheSameWithThousandsOfConditions) { expect_same_answers(1, 12000); }

TEST(ConditionSet, IsEmptyWithoutConditions) {
  const ConditionSet set({}, {}, 0);
  ConditionSet::Truths truths;
  set.start(truths);
  set.conclude(truths);
  ConditionSet::for_each_met(truths, [](std::size_t /*index*/) { FAIL(); });
}

TEST(ConditionSet, KnowsNothingOfWhatAsksAboutAPlaceThatCannotBeRead) {
  const std::vector<ItemTest> tests = {{.place = 0}, {.place = 1}};
  const Condition first{.test = 0};
  const Condition second{.test = 1};
  using Kind = Condition::Kind;
  const std::vector<std::optional<Condition>> conditions = {
      first, second, Condition{.kind = Kind::any, .operands = {first, second}},
      Condition{.kind = Kind::is_unknown, .operands = {first}}, Condition{.kind = Kind::all}};
  const ConditionSet set(conditions, tests, 2);
  ConditionSet::Truths truths;
  Answers answers;
  set.start(truths);
  set.conclude(truths);
  set.withdraw(0, truths);
  set.write_answers(truths, answers);
  EXPECT_EQ(answers, (Answers{Answer::unknown, Answer::is_false, Answer::unknown, Answer::unknown, Answer::is_true}));
}

// A test that its spans do not tell, as one of a pattern.
TEST(ConditionSet, TakesWhatIsTrueFromOutside) {
  const std::vector<ItemTest> tests = {
      {.place = 0, .otherwise = {Answer::unknown, Answer::unknown, Answer::unknown, Answer::is_false, Answer::unknown}}};
  const std::vector<std::optional<Condition>> conditions = {
      Condition{.test = 0}, Condition{.kind = Condition::Kind::negation, .operands = {{.test = 0}}}};
  const ConditionSet set(conditions, tests, 1);
  ConditionSet::Truths truths;
  Answers answers;
  set.start(truths);
  set.add_item(0, ItemType::string, 0, truths);
  set.add_true(0, truths);
  set.conclude(truths);
  set.write_answers(truths, answers);
  EXPECT_EQ(answers, (Answers{Answer::is_true, Answer::is_false}));
  set.start(truths);
  set.add_item(0, ItemType::number, 0, truths);
  set.conclude(truths);
  set.write_answers(truths, answers);
  EXPECT_EQ(answers, (Answers{Answer::unknown, Answer::unknown}));
}

}  // namespace
}  // namespace leadscore::test

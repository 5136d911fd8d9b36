#include "core/answers.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support.hpp"

namespace leadscore::test {
namespace {

std::vector<Answer> random_list(Random &random, std::size_t size) {
  std::vector<Answer> list;
  for (std::size_t i = 0; i < size; ++i) list.push_back(static_cast<Answer>(random.integer(0, 2)));
  return list;
}

void expect_same(const Answers &answers, const std::vector<Answer> &list) {
  ASSERT_EQ(answers.size(), list.size());
  for (std::size_t i = 0; i < list.size(); ++i) ASSERT_EQ(answers[i], list[i]) << "answer " << i << " of " << list.size();
  EXPECT_EQ(answers.empty(), list.empty());
  EXPECT_EQ(answers.count_unknown(), static_cast<std::size_t>(std::ranges::count(list, Answer::unknown)));
  EXPECT_EQ(answers, Answers(list));
}

TEST(Answers, GivesBackWhatWentInWhateverTheNumber) {
  Random random(1);
  for (std::size_t size = 0; size <= 200; ++size) {
    const std::vector<Answer> list = random_list(random, size);
    expect_same(Answers(list), list);
  }
}

TEST(Answers, AreAllFalseAtFirstAndSetOneByOne) {
  Random random(2);
  Answers answers(random_list(random, 130));
  answers.start(100);
  std::vector<Answer> list(100, Answer::is_false);
  expect_same(answers, list);
  for (int i = 0; i < 300; ++i) {
    const auto place = static_cast<std::size_t>(random.integer(0, 99));
    list[place] = static_cast<Answer>(random.integer(0, 2));
    answers.set(place, list[place]);
  }
  expect_same(answers, list);
}

TEST(Answers, FollowFromWhatIsMetAndWhatHasFailed) {
  Random random(3);
  for (std::size_t size = 1; size <= 150; ++size) {
    const std::vector<Answer> list = random_list(random, size);
    std::vector<Word> met(words_for(static_cast<std::uint32_t>(size)));
    std::vector<Word> failed(met.size());
    for (std::uint32_t i = 0; i < size; ++i) {
      if (list[i] == Answer::is_true) met[word_of(i)] |= mask_of(i);
      if (list[i] == Answer::is_false) failed[word_of(i)] |= mask_of(i);
    }
    Answers answers;
    answers.assign(size, met, failed);
    expect_same(answers, list);
  }
}

TEST(Answers, MergeToWhoKnowsMoreAndToTrueBeforeFalse) {
  Random random(4);
  for (std::size_t size = 0; size <= 150; ++size) {
    const std::vector<Answer> left = random_list(random, size);
    const std::vector<Answer> right = random_list(random, size);
    std::vector<Answer> expected;
    std::ranges::transform(left, right, std::back_inserter(expected), [](Answer a, Answer b) { return std::max(a, b); });
    Answers answers(left);
    answers.merge(Answers(right));
    expect_same(answers, expected);
  }
}

TEST(Answers, ReadAndTakeEightTruthsAtOnce) {
  Random random(5);
  const std::vector<Answer> list = random_list(random, 100);
  const Answers answers(list);
  Answers truths;
  truths.start(100);
  for (std::size_t i = 0; i < 13; ++i) truths.set_eight_truths(i, answers.eight_truths(i));
  for (std::size_t i = 0; i < list.size(); ++i) EXPECT_EQ(truths[i] == Answer::is_true, list[i] == Answer::is_true);
}

}  // namespace
}  // namespace leadscore::test

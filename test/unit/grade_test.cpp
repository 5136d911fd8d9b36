#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

ModelDefinition graded() {
  ModelDefinition model;
  model.dimensions = {dimension("fit")};
  model.grades = {{.dimension = "fit", .name = "B", .minimum = 50},
                  {.dimension = "fit", .name = "A", .minimum = 75},
                  {.dimension = "fit", .name = "D", .minimum = -10},
                  {.dimension = "score", .name = "all", .minimum = 0}};
  return model;
}

TEST(Grade, IsTheOneWithTheHighestMinimumReached) {
  const Program program = compile(graded());
  const Dimension &fit = program.dimensions[program.find_dimension("fit").value()];
  EXPECT_EQ(grade_for(fit, 1000), "A");
  EXPECT_EQ(grade_for(fit, 75), "A");
  EXPECT_EQ(grade_for(fit, 74.999), "B");
  EXPECT_EQ(grade_for(fit, 50), "B");
  EXPECT_EQ(grade_for(fit, 0), "D");
  EXPECT_EQ(grade_for(fit, -10), "D");
  EXPECT_EQ(grade_for(fit, -10.001), std::nullopt);
  EXPECT_EQ(grade_for(program.dimensions[root_dimension], 3), "all");
}

TEST(Grade, IsNoneOfADimensionWithoutGrades) {
  ModelDefinition model = graded();
  model.grades.clear();
  EXPECT_EQ(grade_for(compile(model).dimensions[1], 3), std::nullopt);
}

TEST(Grade, NeedsADimensionAndAFiniteMinimum) {
  ModelDefinition model = graded();
  model.grades[0].dimension = "fitt";
  EXPECT_THROW(static_cast<void>(compile(model)), InvalidModel);
  model = graded();
  model.grades[0].minimum = std::numeric_limits<double>::infinity();
  EXPECT_THROW(static_cast<void>(compile(model)), InvalidModel);
}

// A ladder in thirds: everybody starts at C, each match is worth a third of a grade, each mismatch takes one, unknown moves
// nothing.
TEST(Grade, ClimbsALadderInThirdsFromItsBase) {
  ModelDefinition model;
  model.dimensions = {dimension("fit", 1, 6)};
  model.dimensions[0].min_value = 0;
  model.dimensions[0].max_value = 12;
  const char *const names[] = {"F", "F+", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A"};
  for (int i = 0; i <= 12; ++i) model.grades.push_back({.dimension = "fit", .name = names[i], .minimum = static_cast<double>(i)});
  for (int i = 0; i < 9; ++i) model.lead_rules.push_back(lead_rule("rule " + std::to_string(i), "fit", 1, -1));
  const Program program = compile(model);
  const auto grade_with = [&](std::size_t matches, std::size_t mismatches) {
    std::vector<Answer> answers(program.answer_count, Answer::unknown);
    std::fill_n(answers.begin() + 1, matches, Answer::is_true);
    std::fill_n(answers.begin() + 1 + static_cast<std::ptrdiff_t>(matches), mismatches, Answer::is_false);
    return grade_for(program.dimensions[1], value_of(program, {answers, {}}, on_day(0), "fit"));
  };
  EXPECT_EQ(grade_with(0, 0), "C");
  EXPECT_EQ(grade_with(2, 0), "B-");
  EXPECT_EQ(grade_with(2, 1), "C+");
  EXPECT_EQ(grade_with(9, 0), "A");
  EXPECT_EQ(grade_with(0, 9), "F");
}

}  // namespace
}  // namespace leadscore::test

// How a dimension puts its parts together: max, first, share, nested, and which part won.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

// A model whose root combines so three rules without conditions, of these points, and an event rule.
ModelDefinition combining(Combine combine) {
  ModelDefinition model;
  model.version = 1;
  model.dimensions = {dimension("score"), dimension("part")};
  model.dimensions[0].combine = combine;
  model.lead_rules = {lead_rule("a", "score", 4), lead_rule("b", "score", 9, 2), lead_rule("c", "score", 9)};
  model.event_rules = {event_rule("visit", "score", 1)};
  model.event_rules[0].max_points = 20;
  return model;
}

History answering(std::vector<Answer> answers, std::vector<RuleAward> awards = {}) {
  answers.insert(answers.begin(), Answer::is_true);
  return {std::move(answers), std::move(awards)};
}

constexpr Answer yes = Answer::is_true;
constexpr Answer no = Answer::is_false;
constexpr Answer unknown = Answer::unknown;

std::optional<std::string> best(const Program &program, const History &history, std::string_view path = root_path) {
  const std::optional<std::string_view> name =
      best_child(program, state_of(program, history, on_day(0)), program.find_dimension(path).value(), on_day(0));
  return name ? std::optional(std::string(*name)) : std::nullopt;
}

TEST(Max, IsTheLargestPart) {
  const Program program = compile(combining(Combine::max));
  EXPECT_EQ(value_of(program, answering({yes, no, unknown}), on_day(0)), 4);
  EXPECT_EQ(value_of(program, answering({unknown, no, unknown}), on_day(0)), 2);
  EXPECT_EQ(value_of(program, answering({yes, yes, no}, {{0, on_day(0), 12}}), on_day(0)), 12);
  EXPECT_EQ(value_of(program, answering({unknown, unknown, unknown}), on_day(0)), 0);
}

TEST(Max, TakesAPartThatGivesNothingForZero) {
  ModelDefinition model = combining(Combine::max);
  for (LeadRuleDefinition &rule : model.lead_rules) rule.points = -5;
  const Program program = compile(model);
  EXPECT_EQ(value_of(program, answering({yes, yes, yes}), on_day(0)), 0) << "the event rule and the sub-dimension give 0";
  EXPECT_EQ(best(program, answering({yes, yes, yes})), std::nullopt);
  model.event_rules.clear();
  model.dimensions.pop_back();
  EXPECT_EQ(value_of(compile(model), answering({yes, yes, yes}), on_day(0)), -5);
  EXPECT_EQ(best(compile(model), answering({yes, yes, yes})), "a");
}

TEST(Max, NamesTheFirstOfEqualParts) {
  ModelDefinition model = combining(Combine::max);
  EXPECT_EQ(best(compile(model), answering({yes, yes, yes})), "b");
  EXPECT_EQ(best(compile(model), answering({yes, no, yes})), "c");
  EXPECT_EQ(best(compile(model), answering({yes, yes, yes}, {{0, on_day(0), 12}})), "visit");
  model.lead_rules[2].position = -1;
  EXPECT_EQ(best(compile(model), answering({yes, yes, yes})), "c");
  EXPECT_EQ(best(compile(model), answering({unknown, unknown, unknown})), std::nullopt);
}

TEST(Max, TakesSubDimensionsTimesTheirWeight) {
  ModelDefinition model = combining(Combine::max);
  model.dimensions = {dimension("score"), dimension("buyer"), dimension("buyer.user", 3, 5), dimension("buyer.chief", 2, 6)};
  model.dimensions[0].combine = Combine::max;
  model.dimensions[1].combine = Combine::max;
  model.dimensions[1].weight = 0.5;
  const Program program = compile(model);
  const History history = answering({yes, unknown, unknown});
  EXPECT_EQ(value_of(program, history, on_day(0), "buyer"), 15);
  EXPECT_EQ(value_of(program, history, on_day(0)), 7.5);
  EXPECT_EQ(best(program, history), "buyer");
  EXPECT_EQ(best(program, history, "buyer"), "user") << "the last part of its path";
  EXPECT_EQ(best(program, history, "buyer.user"), std::nullopt) << "a sum takes all";
}

TEST(First, IsTheFirstThatAppliesByPosition) {
  ModelDefinition model = combining(Combine::first);
  EXPECT_EQ(value_of(compile(model), answering({yes, yes, yes}), on_day(0)), 4);
  EXPECT_EQ(value_of(compile(model), answering({no, no, yes}), on_day(0)), 2) << "else_points apply as well";
  EXPECT_EQ(value_of(compile(model), answering({no, unknown, yes}), on_day(0)), 9);
  EXPECT_EQ(best(compile(model), answering({no, unknown, yes})), "c");
  model.lead_rules[0].position = 1;
  model.event_rules[0].position = -1;
  EXPECT_EQ(value_of(compile(model), answering({yes, yes, yes}), on_day(0)), 9);
  EXPECT_EQ(value_of(compile(model), answering({yes, yes, yes}, {{0, on_day(0), -3}}), on_day(0)), -3);
  EXPECT_EQ(best(compile(model), answering({yes, yes, yes}, {{0, on_day(0), -3}})), "visit");
  EXPECT_EQ(value_of(compile(model), answering({unknown, unknown, unknown}), on_day(0)), 0);
  EXPECT_EQ(best(compile(model), answering({unknown, unknown, unknown})), std::nullopt);
}

TEST(First, TakesATrueConditionWithoutPoints) {
  ModelDefinition model = combining(Combine::first);
  model.lead_rules[0].points = 0;
  EXPECT_EQ(value_of(compile(model), answering({yes, yes, yes}), on_day(0)), 0);
  EXPECT_EQ(best(compile(model), answering({yes, yes, yes})), "a");
}

TEST(First, LooksAtRulesBeforeSubDimensionsOfOnePosition) {
  ModelDefinition model = combining(Combine::first);
  model.dimensions[1] = dimension("aa", 2, 7);
  EXPECT_EQ(best(compile(model), answering({unknown, unknown, yes})), "c");
  EXPECT_EQ(best(compile(model), answering({unknown, unknown, unknown})), "aa");
  EXPECT_EQ(value_of(compile(model), answering({unknown, unknown, unknown}), on_day(0)), 14);
  model.dimensions[1].position = -1;
  EXPECT_EQ(best(compile(model), answering({unknown, unknown, yes})), "aa");
}

TEST(Share, IsAHundredForAllThatCanBeHad) {
  const Program program = compile(combining(Combine::share));  // 4 + 9 + 9 + 20
  EXPECT_DOUBLE_EQ(value_of(program, answering({yes, yes, yes}, {{0, on_day(0), 99}}), on_day(0)), 100);
  EXPECT_DOUBLE_EQ(value_of(program, answering({unknown, yes, unknown}), on_day(0)), 900.0 / 42);
  EXPECT_EQ(value_of(program, answering({unknown, unknown, unknown}), on_day(0)), 0);
  EXPECT_LT(value_of(program, answering({no, no, no}, {{0, on_day(0), -30}}), on_day(0)), 0);
  EXPECT_EQ(best(program, answering({yes, yes, yes})), std::nullopt);
}

TEST(Combine, ClampsAfterTheBaseAndEveryLevelForItself) {
  for (const Combine combine : {Combine::sum, Combine::max, Combine::first, Combine::share}) {
    ModelDefinition model = combining(combine);
    model.dimensions[0].base = -3;
    model.dimensions[0].max_value = 1;
    const Program program = compile(model);
    EXPECT_EQ(value_of(program, answering({yes, unknown, unknown}), on_day(0)), 1);
    EXPECT_EQ(value_of(program, answering({unknown, unknown, unknown}), on_day(0)), -3);
  }
}

TEST(Combine, IsNothingWithoutParts) {
  for (const Combine combine : {Combine::sum, Combine::max, Combine::first}) {
    ModelDefinition model;
    model.dimensions = {dimension("score", 1, 2)};
    model.dimensions[0].combine = combine;
    EXPECT_EQ(value_of(compile(model), {}, on_day(0)), 2);
    EXPECT_EQ(best(compile(model), {}), std::nullopt);
  }
}

TEST(Combine, KnowsWhatEachRuleGaveUnlessItAdds) {
  ModelDefinition model = combining(Combine::max);
  model.event_rules = {event_rule("visit", "score", 1, half_life(day)), event_rule("call", "score", 1, half_life(day))};
  const History history{{}, {{0, on_day(0), 5}, {1, on_day(0), 6}}};
  EXPECT_EQ(value_of(compile(model), history, on_day(0)), 6);
  EXPECT_EQ(compile(model).slots.size(), 2U);
  model.dimensions[0].combine = Combine::sum;
  EXPECT_EQ(value_of(compile(model), history, on_day(0)), 11);
  EXPECT_EQ(compile(model).slots.size(), 1U);
}

}  // namespace
}  // namespace leadscore::test

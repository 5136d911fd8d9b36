// The most that the parts of a share can give.
#include "core/extent.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.hpp"
#include "oracle.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

ModelDefinition sharing() {
  ModelDefinition model;
  model.dimensions = {dimension("fit")};
  model.dimensions[0].combine = Combine::share;
  return model;
}

// The most that the parts of dimension fit can give together.
double most(const ModelDefinition &model) {
  const Program program = compile(model);
  return 100 / program.dimensions[program.find_dimension("fit").value()].share_scale;
}

double most_of(const EventRuleDefinition &rule) {
  ModelDefinition model = sharing();
  model.event_rules = {rule};
  return most(model);
}

void expect_refused(const ModelDefinition &model, std::string_view fault) {
  try {
    static_cast<void>(compile(model));
    ADD_FAILURE() << "not refused: " << fault;
  } catch (const InvalidModel &refusal) {
    EXPECT_NE(std::string_view(refusal.what()).find(fault), std::string_view::npos) << refusal.what();
  }
}

TEST(MostOfALeadRule, IsTheBetterOfItsTwoOutcomes) {
  ModelDefinition model = sharing();
  model.lead_rules = {lead_rule("a", "fit", 5, -2), lead_rule("b", "fit", -5, 7), lead_rule("c", "fit", -5, -1)};
  EXPECT_DOUBLE_EQ(most(model), 5 + 7 + 0);
}

TEST(MostOfAnEventRule, IsItsMaximum) {
  EventRuleDefinition rule = event_rule("visit", "fit", 3);
  rule.max_points = 15;
  EXPECT_DOUBLE_EQ(most_of(rule), 15);
  rule.has_multiplier = true;
  EXPECT_DOUBLE_EQ(most_of(rule), 15);
}

TEST(MostOfAnEventRule, IsThatOfItsAwardsIfTheyAreLimitedForGood) {
  EventRuleDefinition rule = event_rule("visit", "fit", 3);
  rule.limit = Limit{.max_awards = 4};
  EXPECT_DOUBLE_EQ(most_of(rule), 12);
  rule.max_points = 10;
  EXPECT_DOUBLE_EQ(most_of(rule), 10);
}

TEST(MostOfAnEventRule, IsItsPointsIfItGivesThemOnce) {
  EventRuleDefinition rule = event_rule("visit", "fit", 3);
  rule.frequency = Frequency{.at_least = 2};
  EXPECT_DOUBLE_EQ(most_of(rule), 3);
  rule.frequency.reset();
  rule.silence = Silence{.silent_for = day};
  EXPECT_DOUBLE_EQ(most_of(rule), 3);
}

TEST(MostOfAnEventRule, IsNothingIfItOnlyTakesOrMarks) {
  ModelDefinition model = sharing();
  model.lead_rules = {lead_rule("a", "fit", 5)};
  model.event_rules = {event_rule("spam", "fit", -3), event_rule("close", "fit", 0)};
  model.event_rules[1].resets = "fit";
  model.event_rules[1].has_multiplier = true;
  EXPECT_DOUBLE_EQ(most(model), 5);
}

TEST(MostOfADimension, FollowsItsParts) {
  ModelDefinition model = sharing();
  model.dimensions.push_back(dimension("fit.size", 2, 1));
  model.lead_rules = {lead_rule("a", "fit.size", 5), lead_rule("b", "fit.size", 8), lead_rule("c", "fit", 10)};
  EXPECT_DOUBLE_EQ(most(model), 2 * (1 + 13) + 10);
  model.dimensions[1].max_value = 9;
  EXPECT_DOUBLE_EQ(most(model), 2 * 9 + 10);
  model.dimensions[1].max_value.reset();
  model.dimensions[1].combine = Combine::max;
  EXPECT_DOUBLE_EQ(most(model), 2 * (1 + 8) + 10);
  model.dimensions[1].combine = Combine::first;
  EXPECT_DOUBLE_EQ(most(model), 2 * (1 + 8) + 10);
  model.dimensions[1].combine = Combine::share;
  EXPECT_DOUBLE_EQ(most(model), 2 * (1 + 100) + 10);
}

TEST(MostOfADimension, TakesTheLeastOfOneWithANegativeWeight) {
  ModelDefinition model = sharing();
  model.dimensions.push_back(dimension("fit.risk", -2));
  model.lead_rules = {lead_rule("a", "fit.risk", 5, -3), lead_rule("c", "fit", 10)};
  EXPECT_DOUBLE_EQ(most(model), 6 + 10);
  model.dimensions[1].weight = 0;
  EXPECT_DOUBLE_EQ(most(model), 10);
}

TEST(MostOfADimension, IsItsMaximumWhateverItsPartsGive) {
  ModelDefinition model = sharing();
  model.dimensions.push_back(dimension("fit.size"));
  model.dimensions[1].max_value = 9;
  model.event_rules = {event_rule("visit", "fit.size", 1)};
  EXPECT_DOUBLE_EQ(most(model), 9);
}

TEST(Share, IsRefusedOfWhatHasNoBound) {
  const auto refuses = [](const std::function<void(EventRuleDefinition &)> &change) {
    ModelDefinition model = sharing();
    model.event_rules = {event_rule("visit", "fit", 3)};
    change(model.event_rules[0]);
    expect_refused(model, "dimension \"fit\" is a share of what its parts can give at most, which is not bounded");
  };
  refuses([](EventRuleDefinition &) {});
  refuses([](EventRuleDefinition &rule) { rule.limit = Limit{.max_awards = 2, .per = day}; });
  refuses([](EventRuleDefinition &rule) { rule.silence = Silence{.silent_for = day, .repeats = true}; });
  refuses([](EventRuleDefinition &rule) {
    rule.limit = Limit{.max_awards = 2};
    rule.has_multiplier = true;
  });
  refuses([](EventRuleDefinition &rule) {
    rule.points = -3;
    rule.has_multiplier = true;
  });
}

TEST(Share, IsRefusedOfNothing) {
  constexpr std::string_view fault = "can give at most, which is nothing";
  ModelDefinition model = sharing();
  expect_refused(model, fault);
  model.event_rules = {event_rule("spam", "fit", -3)};
  expect_refused(model, fault);
  model.event_rules.clear();
  model.dimensions.push_back(dimension("fit.low", 1, -50));
  model.lead_rules = {lead_rule("a", "fit", 10)};
  expect_refused(model, fault);
}

TEST(Share, HasTheScaleOfTheOracleOnRandomModels) {
  int shares = 0;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    Random random(seed);
    const ModelDefinition model = random_model(random, day);
    const Program program = compile(model);
    for (const Dimension &dimension : program.dimensions) {
      if (dimension.combine != Combine::share) continue;
      ++shares;
      EXPECT_NEAR(dimension.share_scale / oracle_share_scale(model, dimension.path), 1, 1e-12) << seed << " " << dimension.path;
    }
  }
  EXPECT_GT(shares, 100);
}

}  // namespace
}  // namespace leadscore::test

#include "core/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "core/error.hpp"
#include "support.hpp"

namespace leadscore::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

ModelDefinition model_with_everything() {
  ModelDefinition model = engagement_model({event_rule("visit", "engagement", 3, half_life(day))});
  model.lead_rules = {lead_rule("country", "score", 5)};
  model.tiers.back().has_applies_to = true;
  return model;
}

// Expects the model, changed so, to be refused with a message that contains `fault`.
void expect_refused(const std::function<void(ModelDefinition &)> &change, std::string_view fault) {
  ModelDefinition model = model_with_everything();
  change(model);
  try {
    static_cast<void>(compile(model));
    ADD_FAILURE() << "not refused: " << fault;
  } catch (const InvalidModel &refusal) {
    EXPECT_NE(std::string_view(refusal.what()).find(fault), std::string_view::npos) << refusal.what();
  }
}

TEST(Compile, AddsTheRootIfItIsLeftOut) {
  const Program program = compile(model_with_everything());
  ASSERT_EQ(program.dimensions.size(), 2U);
  EXPECT_EQ(program.dimensions[root_dimension].path, "score");
  EXPECT_EQ(program.dimensions[root_dimension].parent, root_dimension);
  EXPECT_EQ(program.dimensions[1].path, "engagement");
  EXPECT_EQ(program.dimensions[1].parent, root_dimension);
}

TEST(Compile, PutsParentsBeforeChildrenWhateverTheOrder) {
  ModelDefinition model;
  model.dimensions = {dimension("fit.company.size"), dimension("fit.company"), dimension("engagement"), dimension("fit"),
                      dimension("score", 1, 7)};
  const Program program = compile(model);
  ASSERT_EQ(program.dimensions.size(), 5U);
  EXPECT_EQ(program.dimensions[0].path, "score");
  EXPECT_EQ(program.dimensions[0].base, 7);
  for (DimensionIndex i = 1; i < program.dimensions.size(); ++i) EXPECT_LT(program.dimensions[i].parent, i);
  const auto company = program.find_dimension("fit.company");
  const auto size = program.find_dimension("fit.company.size");
  ASSERT_TRUE(company && size);
  EXPECT_EQ(program.dimensions[*size].parent, *company);
}

TEST(Compile, FindsNoUnknownDimension) {
  const Program program = compile(model_with_everything());
  EXPECT_FALSE(program.find_dimension("fit"));
  EXPECT_FALSE(program.find_dimension(""));
}

TEST(Compile, OrdersAnswersEligibleThenRulesThenTiers) {
  ModelDefinition model = model_with_everything();
  model.lead_rules = {lead_rule("a", "score", 1), lead_rule("always", "score", 1), lead_rule("b", "score", 1)};
  model.lead_rules[1].has_condition = false;
  const Program program = compile(model);
  EXPECT_EQ(program.answer_count, 4U);
  EXPECT_EQ(program.lead_rules[0].answer, 1U);
  EXPECT_FALSE(program.lead_rules[1].answer);
  EXPECT_EQ(program.lead_rules[2].answer, 2U);
  EXPECT_EQ(program.tiers[2].applies_to, 3U);
}

TEST(Compile, SharesSlotsAmongRulesThatFadeAlikeInOneDimension) {
  ModelDefinition model = engagement_model(
      {event_rule("a", "engagement", 1, half_life(day)), event_rule("b", "engagement", 2, half_life(day)),
       event_rule("other period", "engagement", 2, half_life(day * 2)), event_rule("other dimension", "score", 2, half_life(day)),
       event_rule("capped", "engagement", 2, half_life(day)), event_rule("capped too", "engagement", 2, half_life(day))});
  model.event_rules[4].max_points = 5;
  model.event_rules[5].max_points = 5;
  const Program program = compile(model);
  EXPECT_EQ(program.event_rules[0].slot, program.event_rules[1].slot);
  EXPECT_EQ(program.slots.size(), 5U);
  EXPECT_EQ(program.slots[program.event_rules[4].slot.value()].max_points, 5);
  EXPECT_EQ(program.slots[program.event_rules[4].slot.value()].min_points, -infinity);
}

TEST(Compile, SharesASlotEvenIfRulesDifferInWhatTheirDecayIgnores) {
  Decay odd;
  odd.period = day;
  odd.rate = 0.3;
  odd.grace = day;
  Decay rated = window(day);
  rated.rate = 0.3;
  const Program program = compile(engagement_model({event_rule("a", "score", 1), event_rule("b", "score", 1, odd),
                                                    event_rule("c", "score", 1, window(day)), event_rule("d", "score", 1, rated)}));
  EXPECT_EQ(program.event_rules[0].slot, program.event_rules[1].slot);
  EXPECT_EQ(program.event_rules[2].slot, program.event_rules[3].slot);
  EXPECT_EQ(program.slots.size(), 2U);
}

TEST(Compile, OrdersTiersByPosition) {
  ModelDefinition model = model_with_everything();
  std::reverse(model.tiers.begin(), model.tiers.end());
  const Program program = compile(model);
  EXPECT_EQ(program.tiers[0].name, "cold");
  EXPECT_EQ(program.tiers[2].name, "hot");
}

TEST(Compile, MatchesEventsByKindOrAll) {
  const EventRule any{.name = "", .event = "*"};
  const EventRule visit{.name = "", .event = "visit"};
  EXPECT_TRUE(any.matches("visit"));
  EXPECT_TRUE(visit.matches("visit"));
  EXPECT_FALSE(visit.matches("visits"));
  EXPECT_FALSE(visit.matches("*"));
}

TEST(Compile, RefusesDimensionsWithoutParentOrTwice) {
  expect_refused([](auto &m) { m.dimensions.push_back(dimension("fit.company")); }, "\"fit.company\" lacks its parent \"fit\"");
  expect_refused([](auto &m) { m.dimensions.push_back(dimension("engagement")); }, "\"engagement\" is there twice");
  expect_refused([](auto &m) { m.dimensions.insert(m.dimensions.end(), 2, dimension("score")); }, "\"score\" is there twice");
  expect_refused([](auto &m) { m.dimensions.push_back(dimension("score.fit")); }, "below the root");
}

TEST(Compile, RefusesPathsThatAreNone) {
  for (const char *path : {"", ".", "a.", ".a", "engagement..web"}) {
    expect_refused([&](auto &m) { m.dimensions.push_back(dimension(path)); }, "has no usable path");
  }
}

TEST(Compile, RefusesUnknownDimensions) {
  expect_refused([](auto &m) { m.lead_rules[0].dimension = "fat"; }, "rule \"country\" names the dimension \"fat\"");
  expect_refused([](auto &m) { m.event_rules[0].dimension = "fat"; }, "rule \"visit\" names the dimension \"fat\"");
  expect_refused([](auto &m) { m.tiers[1].minimums[0].dimension = "fat"; }, "tier \"warm\" names the dimension \"fat\"");
}

TEST(Compile, RefusesTiersOfOneName) {
  expect_refused([](auto &m) { m.tiers[1].name = "cold"; }, "tier \"cold\" is there twice");
}

TEST(Compile, RefusesNumbersThatAreNotFinite) {
  for (const double bad : {infinity, -infinity, not_a_number}) {
    expect_refused([=](auto &m) { m.dimensions[0].weight = bad; }, "dimension \"engagement\"");
    expect_refused([=](auto &m) { m.dimensions[0].base = bad; }, "dimension \"engagement\"");
    expect_refused([=](auto &m) { m.dimensions[0].min_value = bad; }, "dimension \"engagement\"");
    expect_refused([=](auto &m) { m.dimensions[0].max_value = bad; }, "dimension \"engagement\"");
    expect_refused([=](auto &m) { m.lead_rules[0].points = bad; }, "rule \"country\"");
    expect_refused([=](auto &m) { m.lead_rules[0].else_points = bad; }, "rule \"country\"");
    expect_refused([=](auto &m) { m.event_rules[0].points = bad; }, "rule \"visit\"");
    expect_refused([=](auto &m) { m.event_rules[0].min_points = bad; }, "rule \"visit\"");
    expect_refused([=](auto &m) { m.event_rules[0].max_points = bad; }, "rule \"visit\"");
    expect_refused([=](auto &m) { m.event_rules[0].decay = linear(day, bad); }, "rule \"visit\"");
    expect_refused([=](auto &m) { m.event_rules[0].decay = step(day, bad); }, "rule \"visit\"");
    expect_refused([=](auto &m) { m.tiers[1].minimums[0].minimum = bad; }, "tier \"warm\"");
    expect_refused([=](auto &m) { m.tiers[1].position = bad; }, "tier \"warm\"");
  }
}

TEST(Compile, RefusesBoundsThatCross) {
  expect_refused([](auto &m) { m.dimensions[0].min_value = 2, m.dimensions[0].max_value = 1; }, "minimum above its maximum");
  expect_refused([](auto &m) { m.event_rules[0].min_points = 2, m.event_rules[0].max_points = 1; }, "minimum above its maximum");
}

TEST(Compile, RefusesDecaysThatCannotBe) {
  for (const Duration period : {Duration{0}, Duration{-1}}) {
    for (const Decay &decay : {half_life(period), linear(period), step(period, 0.5), window(period)}) {
      expect_refused([&](auto &m) { m.event_rules[0].decay = decay; }, "period that is not positive");
    }
  }
  for (const double rate : {0.0, -0.5}) {
    expect_refused([=](auto &m) { m.event_rules[0].decay = linear(day, rate); }, "linear decay whose rate");
    expect_refused([=](auto &m) { m.event_rules[0].decay = step(day, rate); }, "step decay whose rate");
  }
  expect_refused([](auto &m) { m.event_rules[0].decay = step(day, 1.01); }, "step decay whose rate");
  expect_refused([](auto &m) { m.event_rules[0].decay = window(day, Duration{-1}); }, "negative grace");
}

}  // namespace
}  // namespace leadscore::test
